"""What coordinator and hosts say to each other: msgpack as bytes, through Dask, which hands them on unread.

A host is the child process of a Dask worker that runs the pool of its machine. It is told once what to grade with
(`Begin`) and answers with a `Welcome`, or why it cannot (`Refused`). Then each `Flight` comes back once, as `Landed` or
`Lost`. `Over` is said in the place of a host that is no more.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

import grader
from grader.homework import Homework
from grader.judging.environment import Environment
from grader.judging.manifest import manifest
from grader.outcome import Check
from grader.run.ipc import Checked, Done, Job, Setup
from grader.spec import load_assignment

# What of a processor decides in which order its vector units add, and so over the last bits of an answer.
_VECTORS = ("avx", "amx", "fma", "f16c", "sse", "asimd", "sve", "bf16", "i8mm")


class Course(msgspec.Struct, frozen=True, tag=True):
    """All that a run's hosts grade with."""

    setup: Setup  # its paths are within the archive
    homework: str
    archive: bytes
    sha256: str  # names the archive
    facts: dict[str, str]  # what a host has to be like


class Begin(msgspec.Struct, frozen=True, tag=True):
    """A host's first message."""

    course: bytes  # a Course
    slots: int
    folder: str  # its own, removed when it ends


class Flight(msgspec.Struct, frozen=True, tag=True):
    """A job on its way, under a number that no other one has."""

    job: Job


class Welcome(msgspec.Struct, frozen=True, tag=True):
    """The host's sandbox is warm, its walls hold, and it is as it was asked to be."""

    checks: tuple[Check, ...]
    tier: str


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The host cannot grade this, or not any more."""

    reason: str
    is_usage: bool = False


class Landed(msgspec.Struct, frozen=True, tag=True):
    """A job is done; the files of its reports are still to be written."""

    done: Done
    files: dict[str, bytes]


class Lost(msgspec.Struct, frozen=True, tag=True):
    """The host's workers died of a job, one after another."""

    number: int
    words: str


class Beat(msgspec.Struct, frozen=True, tag=True):
    """The host is alive."""


class Over(msgspec.Struct, frozen=True, tag=True):
    """The host has ended. `is_idle`: before it was given this job."""

    words: str
    is_idle: bool = False


FromHost = Welcome | Refused | Landed | Lost | Checked | Beat | Over
from_host: msgspec.msgpack.Decoder[FromHost] = msgspec.msgpack.Decoder(FromHost)
to_host: msgspec.msgpack.Decoder[Begin | Flight] = msgspec.msgpack.Decoder(Begin | Flight)
to_course: msgspec.msgpack.Decoder[Course] = msgspec.msgpack.Decoder(Course)
encode = msgspec.msgpack.Encoder().encode


def course(homework: Homework, setup: Setup, environment: Environment) -> Course:
    """What the hosts of a run need."""
    name = homework.assignment.name
    folders = {
        f"assignments/{name}": homework.public,
        f"reference/{name}": homework.reference,
        f"tests/hidden/{name}": homework.suite,
    }
    files = {
        f"{place}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for place, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    archive = zlib.compress(encode(files))
    public, reference, suite = folders
    setup = msgspec.structs.replace(setup, public=public, reference=reference, suite=suite, out="out" * bool(setup.out))
    facts = facts_of(environment, homework)
    return Course(setup, name, archive, hashlib.sha256(archive).hexdigest(), facts)


def unpack(packed: Course, folder: Path) -> tuple[Homework, Setup]:
    """Write a course's files below a folder of ours. Raises `ValueError` for an archive that is not the named one."""
    if hashlib.sha256(packed.archive).hexdigest() != packed.sha256:
        raise ValueError("the course's archive was damaged on its way")
    for name, content in msgspec.msgpack.decode(zlib.decompress(packed.archive), type=dict[str, bytes]).items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ValueError(f"{name} lies outside of the course")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    given = packed.setup
    paths = {name: str(folder / getattr(given, name)) for name in ("public", "reference", "suite")}
    setup = msgspec.structs.replace(given, **paths, out=str(folder / given.out) if given.out else "")
    public = Path(setup.public)
    return Homework(load_assignment(public), public, Path(setup.reference), Path(setup.suite)), setup


def facts_of(environment: Environment, homework: Homework) -> dict[str, str]:
    """All that grades, and their reports, depend on and that another machine may have otherwise."""
    return {
        **environment.facts,
        "hidden suite": manifest(homework).sha256,
        "grader": _sources_sha256(),
        "processor": " ".join(_processor()),
    }


def differences(here: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """What is otherwise on this machine, as parts of a sentence."""
    found = []
    for name in sorted({*here, *wanted}):
        mine, theirs = here.get(name, "none"), wanted.get(name, "none")
        if mine == theirs:
            continue
        if name == "processor":
            lacks, has = set(theirs.split()) - set(mine.split()), set(mine.split()) - set(theirs.split())
            parts = [("lacks", lacks), ("has besides", has)]
            found.append("the processor " + ", ".join(f"{verb} {' '.join(sorted(one))}" for verb, one in parts if one))
        else:
            found.append(f"{name} is {_short(mine)}, not {_short(theirs)}")
    return found


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:12]}…"


def _processor() -> list[str]:
    """The maker and the vector instructions of this machine's processor."""
    found: set[str] = set()
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("vendor_id", "CPU implementer"):
            found.add(value.strip())
        elif key.strip() in ("flags", "Features"):
            found.update(one for one in value.split() if one.startswith(_VECTORS))
    return sorted(found)


def _sources_sha256() -> str:
    folder = Path(grader.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def name_of(packed: bytes) -> str:
    """Names a course, encoded, with all that it is graded with."""
    return f"grader-{hashlib.sha256(packed).hexdigest()[:16]}"
