"""Gradescope's "Export Submissions": folders `submission_123`, and their owners in `submission_metadata.yml`.

The metadata is YAML written by Ruby: keys have a colon before them, and objects carry Ruby's tags. Of a submission it
holds all results, too. It is read as a stream, and only the needed values are kept: no object is made of anything
else, and an alias stands for a single value or for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml

from grader.collect.found import Found, is_download
from grader.collect.handin import Owner
from grader.collect.items import Item
from grader.errors import UsageError
from grader.intake.caps import Unreadable
from grader.intake.contents import shown
from grader.spec import Assignment

METADATA = "submission_metadata.yml"
NAME = re.compile(r"submission_[0-9]+$")
BYTES = 100_000_000
ANCHORS = 100_000
NOTHING = ("", "~", "null")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C's is ten times faster


@dataclass
class _Listed:
    """What the metadata says of one submission."""

    submitters: list[dict[str, str]] = field(default_factory=list)
    created_at: str = ""


def root(items: Sequence[Item]) -> Sequence[Item] | None:
    """What an export consists of, which may lie in a folder of its own; None for what is no export."""
    if len(items) == 1 and items[0].is_folder:
        items = items[0].children()
    others = [item for item in items if item.name != METADATA]
    return items if len(others) < len(items) and is_download(others, NAME) else None


def read(items: Sequence[Item], assignment: Assignment) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in an export. Raises `UsageError` where its metadata cannot be read."""
    by_name = {item.name: item for item in items}
    listed = _metadata(by_name.pop(METADATA))
    found, notes = [], []
    for name, about in listed.items():
        owners = tuple(Owner(*(one.get(key, "") for key in ("sid", "name", "email"))) for one in about.submitters)
        label = "_".join([*(owner.id or owner.name or owner.email for owner in owners[:1]), name])
        submitted, item = _moment(about.created_at), by_name.get(name)
        if item is not None and item.is_folder:
            found.append(Found(label, {"": item}, owners=owners, submitted_at=submitted, origin=name))
        else:
            problem = f"Gradescope lists {shown(name)}, but its export does not hold it. Export the submissions again."
            found.append(Found(label, owners=owners, submitted_at=submitted, origin=name, problem=problem))
    for name in by_name.keys() - listed.keys():
        notes.append(f"{shown(name)} is not listed in {METADATA}. It is graded anyway.")
        found.append(Found(name, {"": by_name[name]}, owners=(Owner(id=name, name=name),), origin=name, any_name=True))
    return found, sorted(notes)


def _metadata(item: Item) -> dict[str, _Listed]:
    try:
        listed = _listed(_Events(yaml.parse(item.read(BYTES), _LOADER)))
    except (Unreadable, ValueError, RecursionError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())[:200]
        raise UsageError(f"{METADATA} of the Gradescope export cannot be read: {said}") from error
    if listed is None:
        raise UsageError(f"{METADATA} of the Gradescope export lists no submissions")
    return listed


class _Events:
    """The events of a YAML stream, one at a time."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = (
            event for event in events if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent))
        )
        self._values: dict[str, str] = {}  # of anchors

    def next(self) -> yaml.Event:
        event = next(self._events)
        if isinstance(event, yaml.ScalarEvent) and event.anchor and len(self._values) < ANCHORS:
            self._values[event.anchor] = event.value
        return event

    def value(self, event: yaml.Event) -> str:
        """What is there, if it is a single value; whatever else it is, is passed over."""
        if isinstance(event, yaml.ScalarEvent):
            return "" if not event.style and event.value.lower() in NOTHING else event.value
        if isinstance(event, yaml.AliasEvent):
            return self._values.get(event.anchor or "", "")
        self.skip(event)
        return ""

    def skip(self, event: yaml.Event) -> None:
        """Pass over all that is in what starts here."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            event = self.next()
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)

    def pairs(self, start: yaml.Event) -> Iterator[tuple[str, yaml.Event]]:
        """Key and the value's first event, of a mapping that starts here; of anything else nothing.

        The caller skips each value, or reads it.
        """
        if not isinstance(start, yaml.MappingStartEvent):
            self.skip(start)
            return
        while not isinstance(key := self.next(), yaml.MappingEndEvent):
            yield self.value(key).removeprefix(":"), self.next()

    def entries(self, start: yaml.Event) -> Iterator[yaml.Event]:
        """The first event of each entry, of a sequence that starts here; of anything else nothing."""
        if not isinstance(start, yaml.SequenceStartEvent):
            self.skip(start)
            return
        while not isinstance(entry := self.next(), yaml.SequenceEndEvent):
            yield entry


def _listed(events: _Events) -> dict[str, _Listed] | None:
    """What the metadata says, by the submission's name; None where it is no mapping."""
    start = events.next()
    if not isinstance(start, yaml.MappingStartEvent):
        return None
    listed: dict[str, _Listed] = {}
    for name, value in events.pairs(start):
        is_submission = isinstance(value, yaml.MappingStartEvent) and NAME.match(name)
        about = listed.setdefault(name, _Listed()) if is_submission else _Listed()
        for key, inner in events.pairs(value):
            if key == "submitters":
                about.submitters = [
                    {key: events.value(one) for key, one in events.pairs(entry)} for entry in events.entries(inner)
                ]
            elif key == "created_at":
                about.created_at = events.value(inner)
            else:
                events.skip(inner)
    return listed


def _moment(text: str) -> datetime | None:
    """A time as Ruby writes it, "2027-03-20 02:59:00.123456000 Z"; None for what is none."""
    try:
        moment = yaml.SafeLoader("").construct_yaml_timestamp(yaml.ScalarNode("", text))
    except (ValueError, AttributeError, OverflowError):
        return None
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
