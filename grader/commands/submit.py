"""`grader submit` and `grader status`: a student's hand-ins on the course's portal, from the command line."""

from __future__ import annotations

import contextlib
import difflib
import os
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
import httpx2
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.commands.loopback import is_loopback
from grader.errors import GraderError, UsageError
from grader.outcome import Verdict
from grader.portal import wire
from grader.report.text import count, out_of, plain

FINE, FALLS_SHORT, GRADER_FAILED = 0, 1, 3
KEY = "GRADER_KEY"
SECONDS = 60.0  # that an answer may take
LOOK_SECONDS = 1.0  # between two looks at what became of an attempt
PATIENCE = 60.0  # that the portal may be away meanwhile: it is kept there
M = TypeVar("M", bound=BaseModel)


class _Away(GraderError):
    """Nobody answers."""


class Client:
    """A portal, asked with a key."""

    def __init__(self, address: str, client: httpx2.Client) -> None:
        self._address, self._client = address, client

    def ask(self, model: type[M], method: str, path: str, **content: Any) -> M:
        """One answer. Raises `UsageError` with the portal's sentence, `GraderError` where it cannot be had."""
        try:
            answer = self._client.request(method, f"/api{path}", **content)
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        if answer.is_success:
            with contextlib.suppress(ValidationError):
                return model.model_validate_json(answer.content)
        said = self._sentence(answer)
        if said is None:
            raise UsageError(f"{self._address} answers, but not as a portal of this grader does: is the address right?")
        if answer.status_code == 401:
            raise UsageError(f"the portal does not know the key in {KEY}: make one at {self._address}/keys")
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise GraderError(said)
        raise UsageError(said)

    def _sentence(self, answer: httpx2.Response) -> str | None:
        """What the portal says is wrong; None where it is no portal that answers."""
        if answer.is_success:
            return None
        try:
            return str(answer.json()["error"])
        except (ValueError, KeyError, TypeError):  # what is refused before it is looked at is told in plain words
            return answer.text[:300] if answer.status_code in (413, 421) else None

    def _unreachable(self, error: Exception) -> GraderError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLError):
                why = getattr(cause, "verify_message", "") or cause.reason or cause
                return GraderError(f"{self._address} cannot prove that it is the portal (TLS: {why}); nothing was sent")
            cause = cause.__cause__ or cause.__context__
        why = str(error) or type(error).__name__
        return _Away(f"{self._address} cannot be reached ({why}): is there a network, and is the address right?")


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """A portal. Raises `UsageError` for an address or a key that cannot be used."""
    address = checked(address)
    key = os.environ.get(KEY, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise UsageError(f"there is no key in {KEY}: make one at {address}/keys, and put it into that variable")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=address, headers=headers, timeout=SECONDS) as client:
        yield Client(address, client)


def checked(address: str) -> str:
    """The address of a portal, without what is behind its host. Raises `UsageError`."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.path.strip("/") or parts.query or "@" in parts.netloc:
        raise UsageError(f"--portal is the portal's address, https://portal.uni.example; {address!r} is none")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(f"your key and your work would go to {host} for all to read: --portal has to be https://")
    return f"{parts.scheme}://{parts.netloc}"


def submit(address: str, homework: str, files: Sequence[Path], *, yes: bool, score_only: bool) -> int:
    """Hand files in and wait for their checks. Returns 1 if one fails, 3 if it could not be graded."""
    console = Console()
    with connected(address) as client:
        known = client.ask(wire.Homeworks, "GET", "/homeworks")
        its = _named(known, homework)
        if its.closed:
            raise UsageError(
                f"{its.name} is closed. {its.closed} For its report it can still be handed in at {address}"
            )
        sent = [("files", (path.name, path.read_bytes())) for path in files]
        draft = client.ask(wire.Draft, "POST", f"/homeworks/{its.name}/hand-ins", files=sent)
        _understood(console, draft, known)
        accepts = _agreed(draft, yes=yes, score_only=score_only)
        one = client.ask(wire.HandIn, "POST", f"/hand-ins/{draft.number}/confirm", data={"accepts": accepts})
        console.print(Text(f"\nHanded in, attempt {one.attempt}: {plain(one.page, one_line=True)}"))
        return _watch(client, one, console)


def _named(known: wire.Homeworks, name: str) -> wire.Homework:
    for one in known.homeworks:
        if one.name == name:
            return one
    names = [one.name for one in known.homeworks]
    near = difflib.get_close_matches(name, names, 1, 0.5)
    said = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"
    raise UsageError(f"there is no homework {name!r} on the portal, or it is not open yet; {said}")


def _understood(console: Console, draft: wire.Draft, known: wire.Homeworks) -> None:
    for name, size in draft.files:
        console.print(Text(f"{plain(name, one_line=True)}  {size:,} B"))
    lacking = [f"{file}: {', '.join(names)}" for file, names in draft.missing.items()]
    if draft.fault:
        lacking.append(draft.fault)
    elif draft.wanted:
        missing = sum(map(len, draft.missing.values()))
        console.print(f"Defines {draft.wanted - missing} of {draft.wanted} functions of the starter.")
    left_out = f"left out: {', '.join(draft.ignored)}" if draft.ignored else ""
    wrong = [f"not in {one}" if one != draft.fault else one for one in lacking]
    for text in (*wrong, draft.note, left_out, draft.late):
        if text:
            console.print(Text(plain(text, one_line=True), "yellow"))
    if draft.tokens is not None:
        console.print(Text(f"Tokens: {_tokens(draft.tokens, known.time_zone)}."))


def _tokens(its: wire.Tokens, zone: str) -> str:
    if its.lifted_until is not None:
        return f"none is taken until {_moment(its.lifted_until, zone)}"
    more = f"; the next one comes {_moment(its.next, zone)}" if its.next is not None else ""
    return f"{its.left} of {its.most} left{more}"


def _moment(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %d %b %Y, %H:%M} ({zone})"


def _agreed(draft: wire.Draft, *, yes: bool, score_only: bool) -> str:
    """Ask whether it is to be handed in. Returns what its student accepts. Raises `UsageError`, `click.Abort`."""
    is_beyond = draft.tokens is not None and not draft.tokens.is_whole
    if is_beyond and not (draft.tokens and draft.tokens.can_go_beyond):
        raise UsageError("you have no token left, and nothing was handed in")
    if is_beyond and not score_only:
        raise UsageError("you have no token left, and nothing was handed in: with --score-only you see its score only")
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("nothing was handed in: there is nobody to ask; --yes hands in without asking")
        click.confirm("Hand it in?", abort=True)
    return "score only" if is_beyond else ""


def _watch(client: Client, one: wire.HandIn, console: Console) -> int:
    """Print checks as they come, until all have."""
    seen: set[str] = set()
    said, answered = "", time.monotonic()
    while True:
        for check in one.checks:
            if check.name not in seen:
                seen.add(check.name)
                _show(console, check)
        waits = f"Number {one.place} in the line." if one.place else ""
        waits = "Grading is paused: it is kept, and graded later." if waits and one.is_paused else waits
        if waits and waits != said:
            console.print(Text(waits, "dim"))
            said = waits
        if one.state in ("done", "aside"):
            return _end(console, one)
        time.sleep(LOOK_SECONDS)
        try:
            one = client.ask(wire.HandIn, "GET", f"/hand-ins/{one.number}")
            answered = time.monotonic()
        except _Away:
            if time.monotonic() - answered > PATIENCE:
                raise


def _show(console: Console, check: wire.Check) -> None:
    is_passed = check.verdict is Verdict.PASSED
    mark = Text(f"{check.verdict.value:8}", "green" if is_passed else "bold red")
    console.print(mark, Text(plain(check.sentence, one_line=True)))
    if not is_passed and check.message:
        console.print(Text(f"         {plain(check.message)}", "dim"))


def _end(console: Console, one: wire.HandIn) -> int:
    if one.score is None:
        console.print("\nIt could not be graded, and the fault is not yours: staff have it before them.")
        return GRADER_FAILED
    console.print(Text(f"\n{out_of(one.score, one.max_score)} points"))
    if one.is_score_only:
        return FINE if one.score >= one.max_score else FALLS_SHORT
    return FINE if all(check.verdict is Verdict.PASSED for check in one.checks) else FALLS_SHORT


def status(address: str) -> int:
    """List the homeworks."""
    console = Console()
    with connected(address) as client:
        known = client.ask(wire.Homeworks, "GET", "/homeworks")
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Homework", "Due", "Attempts", "Tokens", "Points"):
        table.add_column(title, overflow="fold")
    for one in known.homeworks:
        due = _moment(one.due, known.time_zone) if one.due else "no due date"
        tokens = _tokens(one.tokens, known.time_zone) if one.tokens else "none needed"
        score = out_of(one.score, one.max_score) if one.score is not None else ""
        table.add_row(Text(one.name), due, str(one.attempts), tokens, score)
    console.print(table)
    if known.late_days:
        console.print(f"\n{count(known.late_days, 'late day')} left for the term.")
    return FINE
