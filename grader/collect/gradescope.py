"""Gradescope's "Export Submissions": folders `submission_123`, and in `submission_metadata.yml` whose they are.

The metadata is YAML written by Ruby: keys have a colon before them, and objects carry Ruby's tags, which are read as
plain data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from grader.collect.found import Found, lone
from grader.collect.handin import Owner
from grader.contents import Unreadable, opened, read_regular, shown
from grader.errors import UsageError
from grader.spec import Assignment

METADATA = "submission_metadata.yml"
BYTES = 200_000_000


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # C's is ten times faster
    """Reads tags that it does not know as the plain data below them."""


def _plain(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _plain)
_Loader.add_multi_constructor("tag:", _plain)


def names_recognised(names: Sequence[str]) -> bool:
    """Whether files of these names are an export."""
    return any(PurePosixPath(name).name == METADATA for name in names)


def recognises(folder: Path) -> bool:
    """Whether a folder, or the only folder in it, is such an export."""
    return (_root(folder) / METADATA).is_file()


def read(folder: Path, assignment: Assignment, scratch: Path) -> tuple[list[Found], list[str]]:  # noqa: ARG001
    """The submissions in an export. Raises `UsageError` where its metadata cannot be read."""
    root = _root(folder)
    listed = _metadata(root / METADATA)
    found, notes = [], []
    for name, about in listed.items():
        owners = tuple(map(_owner, _field(about, "submitters") or ()))
        label = "_".join([*(owner.id or owner.name or owner.email for owner in owners[:1]), name])
        path = root / name
        submitted = _moment(_field(about, "created_at"))
        if PurePosixPath(name).name == name and path.is_dir() and not path.is_symlink():
            found.append(Found(label, lone(path), owners, submitted_at=submitted, origin=name))
        else:
            problem = f"Gradescope lists {shown(name)}, but its export does not hold it. Export the submissions again."
            found.append(Found(label, None, owners, submitted_at=submitted, origin=name, problem=problem))
    for path in sorted(root.iterdir()):
        if path.name not in listed and path.name != METADATA and not path.name.startswith("."):
            notes.append(f"{shown(path.name)} is not listed in {METADATA}. Graded all the same.")
            found.append(Found(path.stem, path, (Owner(id=path.stem, name=path.stem),)))
    return found, notes


def _root(folder: Path) -> Path:
    children = [child for child in folder.iterdir() if not child.name.startswith(".")]
    inner = len(children) == 1 and children[0].is_dir() and not (folder / METADATA).exists()
    return children[0] if inner else folder


def _metadata(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        with opened(path) as descriptor:
            content = yaml.load(read_regular(descriptor, BYTES), _Loader)  # noqa: S506 - a safe loader, see above
    except (OSError, Unreadable, ValueError, RecursionError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())[:200]
        raise UsageError(f"{path.name} of the Gradescope export cannot be read: {said}") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path.name} of the Gradescope export lists no submissions")
    return {str(name): about for name, about in content.items() if isinstance(about, dict)}


def _owner(about: Any) -> Owner:
    fields = [_field(about, name) if isinstance(about, dict) else None for name in ("sid", "name", "email")]
    return Owner(*("" if field is None else str(field) for field in fields))


def _field(about: Mapping[Any, Any], name: str) -> Any:
    return about.get(f":{name}", about.get(name))


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
