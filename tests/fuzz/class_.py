"""A class of five honest students and a sixth whose names, trees, archives and metadata are generated.

Whatever the sixth hands in, by whatever way a class is handed over, the five have the same bytes under the same owners,
through intake and ledger, as without it; and nothing of it is ever a mistake of the grader's.

    python -m tests.fuzz.class_ --cases 20000 [--seed 1]
    python -m tests.fuzz.class_ --graded 200      and so have they the same grades, beside it in one session
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import lzma
import os
import random
import re
import stat
import tarfile
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from grader.collect.collect import Collected, collect
from grader.collect.roster import Person, fold
from grader.collect.store import Store
from grader.homework import Homework
from grader.intake.submission import Rejected, Submission
from grader.judging import session
from grader.ledger.ledger import Ledger
from grader.outcome import Grading
from grader.run.enter import Said, enter
from grader.sandbox.opening import open_sandbox
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from grader.spec import Assignment, Part
from tests.grader import toy as toys

ONE = Assignment(name="hw", title="Hw", points=1, files=("conv.py",), parts=(Part(name="a", title="A", points=1),))
NOW = datetime(2027, 3, 20, tzinfo=UTC)
ROSTER = [
    Person("101", "Ada Li", "ada@uni.example"),
    Person("102", "Bo Kim", "bo@uni.example"),
    Person("103", "李 雷", "lei@uni.example"),
    Person("ann", "Ann-Marie O'Hara", "ann@uni.example"),
    Person("10_5", "Søren Ø", "soren@uni.example"),
    Person("106", "Eve Mallory", "eve@uni.example"),
]
FIVE, SIXTH = ROSTER[:5], ROSTER[5]
SQUEEZED = {
    "101": "liada",
    "102": "kimbo",
    "103": "雷李",
    "ann": "oharaannmarie",
    "10_5": "øsøren",
    "106": "malloryeve",
}
ACCOUNTS = {person.id: 7001 + n for n, person in enumerate(ROSTER)}  # a platform's numbers, which the roster lacks

# ------------------------------------------------------------------------------------------------- what is handed in

PIECES = [
    "conv.py", "conv", ".py", ".ipynb", ".zip", ".tar.gz", ".rar", "101", "102", "ann", "10_5", "Bo Kim", "Bo_Kim", "kimbo",
    "_9_assignsubmission_file_", "_assignsubmission_onlinetext_", "_12_", "_101_5001_", "_LATE", "-1", "-999", "x-", "a_1_2_",
    "submission_metadata.yml", "submission_11", "submission_99", "/", "//", "..", "../", "\\", "C:", " ", ".", "_", "-", "?",
    "@uni.example", "bo@evil.example", "\0", "\n", "\t", "\x1b[2J", "\u2028", "\u202e", "\udcff", "é", "e\u0301", "ß", "İ",
    "あ" * 40, "a" * 120, "a/" * 12, "__pycache__", "__MACOSX", "_staff", ".handed_in", "ledger.sqlite", "=cmd|'", "%s", "{}",
    "CON", "nul", "conftest.py", "torch.py", "x.py", "y.py", "[red]", "<b>", "'; --", "$HOME", "*",
]  # fmt: skip
names = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=4).map("".join)
file_names = (
    st.sampled_from(["conv.py", "conv.ipynb", "x.py", "x.py/y.py", "conv.py/x.py", "hw.zip", "sub/conv.py"]) | names
)
json_values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "input", "worksheets"]) | st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
cells = st.lists(
    st.sampled_from(["%%bash", "%time x = 1", "f?", "x = !ls", "(", '"""', "f'{", "\\", "\udcff", "\r"]), max_size=6
)


def notebook(lines: list[str]) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": lines}]}).encode()


HOSTILE = [  # to be graded
    b"import os\nos._exit(0)\n", b"raise SystemExit\n", b"def double(x):\n    import os\n    os.kill(os.getppid(), 9)\n",
    b"import sys\nsys.modules.clear()\n", b"import torch\ntorch.add = None\n\ndef shift(x):\n    return bytearray(10**10)\n",
    b"def double(x):\n    raise ValueError('\\ud800' * 9999)\n", b"double = shift = both = print\n",
    b"def double(x):\n    return x * x\n\ndef shift(x):\n    return x + 1\n",
]  # fmt: skip
YAMLS = [
    b"{:", b"- 1", b"", b"a: &a [*a]", b"\xff", b"&a a: *a", b"!!python/object/apply:os.system ['x']",
    b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9) if n else b"x") for n in range(12)),
    b"".join(b"b%d: &b%d {%s}\n" % (n, n, b"<<: [%s]" % b",".join([b"*b%d" % (n - 1)] * 9) if n else b"k: v") for n in range(9)),
    b"submission_11:\n  :submitters:\n  - :name: Bo Kim\n    :sid: '102'\n",
]  # fmt: skip
sources = (
    st.sampled_from(HOSTILE)
    | st.sampled_from([b"", b"x = 1\n", b"def f(): return 0\n", b"\0", b"\xff\xfe", b"(" * 5_000, b"#" * 1_100_000, bytes(70_000)])
    | st.binary(max_size=40)
    | cells.map(notebook)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.sampled_from(YAMLS)
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """An entry of an archive."""

    name: str
    content: bytes
    mode: int = 0
    method: int = zipfile.ZIP_DEFLATED
    kind: bytes = tarfile.REGTYPE


modes = st.sampled_from([0, 0, 0, stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFDIR | 0o755])
methods = st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
kinds = st.sampled_from([tarfile.REGTYPE] * 4 + [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])


def members(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[Member]]:
    entries = st.lists(st.builds(Member, file_names, inner, modes, methods, kinds), max_size=4)
    return entries | st.tuples(sources, entries).map(lambda pair: [Member("conv.py", pair[0]), *pair[1]])


def zipped(entries: list[Member]) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # of names that are there twice
        for entry in entries:
            info = zipfile.ZipInfo("x")
            info.filename = entry.name.encode("utf-8", "replace").decode()
            info.external_attr, info.compress_type = entry.mode << 16, entry.method
            if not info.filename:
                continue
            archive.writestr(info, entry.content)
    return file.getvalue()


def tarred(entries: list[Member]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", errors="surrogateescape") as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name.replace("\0", ""))
            info.type, info.linkname = entry.kind, "/etc/passwd"
            info.size = len(entry.content) if entry.kind == tarfile.REGTYPE else 0
            try:
                archive.addfile(info, io.BytesIO(entry.content))
            except (UnicodeError, ValueError):
                continue
    return file.getvalue()


PACKERS: list[Callable[[bytes], bytes]] = [bytes, gzip.compress, bz2.compress, lzma.compress]


@st.composite
def damaged(draw: st.DrawFn, data: st.SearchStrategy[bytes]) -> bytes:
    """Bytes, of which now and then some are others, or missing."""
    whole = bytearray(draw(data))
    how = draw(st.sampled_from(["", "", "", "cut", "changed", "invalid name"]))
    if whole and how == "cut":
        del whole[draw(st.integers(0, len(whole) - 1)) :]
    if whole and how == "changed":
        for _ in range(draw(st.integers(1, 4))):
            whole[draw(st.integers(0, len(whole) - 1))] = draw(st.integers(0, 255))
    return bytes(whole).replace("é".encode(), b"\xff\xfe") if how == "invalid name" else bytes(whole)


def archives(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    packed = members(inner).map(zipped) | st.tuples(members(inner).map(tarred), st.sampled_from(PACKERS)).map(
        lambda pair: pair[1](pair[0])
    )
    return damaged(packed)


contents = sources | archives(sources | archives(sources))
some_files = st.dictionaries(file_names, contents, max_size=4)
trees = some_files | st.tuples(sources, some_files).map(lambda pair: {"conv.py": pair[0], **pair[1]})


# ---------------------------------------------------------------------------------------------------------- a class


@dataclass(frozen=True)
class Sixth:
    """What the hostile student hands in. Which of it is used depends on how the class is handed over."""

    name: str = "106"  # of the whole, where nothing else says whose it is
    shown_as: str = "Eve Mallory"  # what the student calls themself on a platform
    tree: Mapping[str, bytes] = field(default_factory=lambda: {"conv.py": b"x = 6\n"})
    archive: bytes = b""
    as_archive: bool = False
    results: bytes = b""  # of Gradescope's metadata, behind what it says of the student


def honest(person: Person) -> bytes:
    return f"x = {person.id!r}\n".encode()


def put(path: bytes, content: bytes) -> bool:
    """Write a file, if this file system has such names."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not os.path.lexists(path):
            with open(path, "wb") as file:
                file.write(content)
        return True
    except (OSError, ValueError):
        return False


def below(folder: Path, name: str) -> bytes | None:
    """A path below a folder for a name that may hold anything; None where it would lead out."""
    parts = [
        part for part in name.encode("utf-8", "surrogateescape" if is_escaped(name) else "replace").split(b"/") if part
    ]
    return os.path.join(os.fsencode(folder), *parts) if parts and not {b"..", b"."} & set(parts) else None


def is_escaped(name: str) -> bool:
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", name)


def plant(folder: Path, tree: Mapping[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in tree.items():
        path = below(folder, name)
        if path is not None:
            put(path, content)


def whole(sixth: Sixth) -> bytes:
    """All of it as one archive."""
    return (
        sixth.archive if sixth.as_archive else zipped([Member(name, content) for name, content in sixth.tree.items()])
    )


def plain_name(sixth: Sixth) -> str | None:
    """How staff, or a platform that we do not know, call it: one name of a file system's, and not another student's."""
    name = sixth.name.replace("/", "_").replace("\0", "_")
    stem = re.sub(
        r"[\s_.-]+attempt[\s_.-]*\d{1,4}$",
        "",
        re.sub(r"(\.(py|ipynb|zip|tar|gz|tgz))+$", "", name, flags=re.IGNORECASE),
        flags=re.IGNORECASE,
    )
    words = sorted(re.findall(r"\w+", fold(stem).replace("_", " ")))
    for person in FIVE:
        theirs = re.findall(r"\w+", fold(person.name).replace("_", " "))
        if (
            stem == person.id
            or fold(stem) == fold(person.email)
            or words == sorted(theirs)
            or "".join(words) in squeezed(theirs)
        ):
            return None
    return name if name not in (".", "..") and len(name.encode("utf-8", "replace")) < 240 else None


def is_anothers(words: list[str]) -> bool:
    """Whether a name is one of the five's, which no number that the roster has could tell apart from theirs."""
    return any("".join(words) in squeezed(re.findall(r"\w+", fold(person.name))) for person in FIVE)


def squeezed(words: list[str]) -> set[str]:
    from itertools import permutations

    return {"".join(order) for order in permutations(words)}


def folders(place: Path, sixth: Sixth | None) -> list[Path]:
    (place / "in").mkdir()
    for person in FIVE:
        plant(place / "in" / person.id, {"conv.py": honest(person)})
    _add(place / "in", sixth)
    return [place / "in"]


def _add(folder: Path, sixth: Sixth | None, suffix: str = ".zip") -> bytes | None:
    name = plain_name(sixth) if sixth else None
    if sixth is None or name is None:
        return None
    path = below(folder, name)
    if path is None or os.path.lexists(path):
        return None
    if sixth.as_archive:
        path += b"" if name.lower().endswith((".py", ".ipynb", suffix)) else suffix.encode()
        return path if put(path, whole(sixth)) else None
    try:
        os.mkdir(path)
    except (OSError, ValueError):
        return None
    plant(Path(os.fsdecode(path)), sixth.tree)
    return path


def zips(place: Path, sixth: Sixth | None) -> list[Path]:
    (place / "in").mkdir()
    for person in FIVE:
        (place / "in" / f"{person.id}.zip").write_bytes(zipped([Member("conv.py", honest(person))]))
    _add(place / "in", sixth)
    return [place / "in"]


def notebooks(place: Path, sixth: Sixth | None) -> list[Path]:
    (place / "in").mkdir()
    for person in FIVE:
        (place / "in" / f"{person.id}.ipynb").write_bytes(notebook([honest(person).decode()]))
    _add(place / "in", sixth)
    return [place / "in"]


def by_name(place: Path, sixth: Sixth | None) -> list[Path]:
    paths = zips(place, None)[0]
    extra = _add(paths, sixth)
    given = [paths / f"{person.id}.zip" for person in FIVE]
    return [*given, *([Path(os.fsdecode(extra))] if extra else [])]


def folders_by_name(place: Path, sixth: Sixth | None) -> list[Path]:
    paths = folders(place, None)[0]
    extra = _add(paths, sixth)
    given = [paths / person.id for person in FIVE]
    return [*([Path(os.fsdecode(extra))] if extra else []), *given]


def _download(place: Path, files: dict[str, bytes], packed: bool) -> list[Path]:
    if packed:
        path = place / "download.zip"
        path.write_bytes(zipped([Member(name, content) for name, content in files.items()]))
        return [path]
    plant(place / "download", files)
    return [place / "download"]


def _files(sixth: Sixth, *, flat: bool) -> dict[str, bytes]:
    """What the student uploads: names without folders where the platform keeps none."""
    files = {"hand in.zip": whole(sixth)} if sixth.as_archive else dict(sixth.tree)
    if not flat:
        return files
    return {re.sub(r'[\0/\\:*?"<>|]+', "_", name) or "_": content for name, content in files.items()}


def canvas(place: Path, sixth: Sixth | None, *, packed: bool = False, numbers: bool = True) -> list[Path]:
    def start(person: Person, who: str) -> str:
        return f"{who}_{person.id if numbers and person.id.isdigit() else ACCOUNTS[person.id]}_9{ACCOUNTS[person.id]}_"

    files = {f"{start(person, SQUEEZED[person.id])}conv.py": honest(person) for person in FIVE}
    if sixth is not None:
        who = re.sub(r"\W", "", re.sub(r"_(\d+)_", r"\1", sixth.shown_as.lower())) or "x"
        if who in SQUEEZED.values() or is_anothers(re.findall(r"\w+", fold(who).replace("_", " "))):
            who = "malloryeve"
        for name, content in _files(sixth, flat=True).items():
            files[start(SIXTH, who[:60]) + name] = content
    return _download(place, files, packed)


def moodle(place: Path, sixth: Sixth | None, *, packed: bool = False, flat: bool = False) -> list[Path]:
    end = "" if flat else "/"
    files = {
        f"{person.name}_{ACCOUNTS[person.id]}_assignsubmission_file_{end}conv.py": honest(person) for person in FIVE
    }
    if sixth is not None:
        who = re.sub(r'[\0-\x1f/\\:*?"<>|_]+', " ", sixth.shown_as).strip(" .") or "x"
        who = SIXTH.name if is_anothers(re.findall(r"\w+", fold(who))) else who
        for name, content in _files(sixth, flat=flat).items():
            files[f"{who[:60]}_{ACCOUNTS['106']}_assignsubmission_file_{end}{name}"] = content
    return _download(place, files, packed)


def gradescope(place: Path, sixth: Sixth | None, *, packed: bool = False) -> list[Path]:
    def about(person: Person, name: str) -> dict[str, Any]:
        return {
            ":submitters": [{":name": name, ":sid": person.id, ":email": person.email}],
            ":created_at": "2027-03-20 02:59:00.123456000 Z",
        }

    listed = {f"submission_{n}": about(person, person.name) for n, person in enumerate(FIVE)}
    files = {f"export/submission_{n}/conv.py": honest(person) for n, person in enumerate(FIVE)}
    said = yaml.safe_dump(listed, allow_unicode=True).encode()
    if sixth is not None:
        name = sixth.shown_as.encode("utf-8", "replace").decode()
        said += yaml.safe_dump({"submission_77": about(SIXTH, name)}).encode()
        said += b"  :results: " + json.dumps(sixth.results.decode("latin-1")).encode() + b"\n"
        files |= {f"export/submission_77/{name}": content for name, content in _files(sixth, flat=False).items()}
    files["export/submission_metadata.yml"] = said
    return _download(place, files, packed)


LAYOUTS: dict[str, Callable[[Path, Sixth | None], list[Path]]] = {
    "folders": folders,
    "zips": zips,
    "notebooks": notebooks,
    "zips by name": by_name,
    "folders by name": folders_by_name,
    "canvas": canvas,
    "canvas, other numbers": lambda place, sixth: canvas(place, sixth, numbers=False),
    "canvas, packed": lambda place, sixth: canvas(place, sixth, packed=True),
    "moodle": moodle,
    "moodle, flat": lambda place, sixth: moodle(place, sixth, flat=True),
    "moodle, packed": lambda place, sixth: moodle(place, sixth, packed=True),
    "moodle, packed and flat": lambda place, sixth: moodle(place, sixth, packed=True, flat=True),
    "gradescope": gradescope,
    "gradescope, packed": lambda place, sixth: gradescope(place, sixth, packed=True),
}
people = st.sampled_from([SIXTH.name, "x_102", "a_102_103", "X-Bo Kim", "Group-Bo Kim", "102", "bo", "_102_"]) | names
sixths = st.builds(Sixth, st.just("106") | names, people, trees, contents, st.booleans(), sources)
cases = st.tuples(st.sampled_from(sorted(LAYOUTS)), sixths)


# -------------------------------------------------------------------------------------------------------- the property


class Desk:
    """Takes classes in, one after another, into one ledger. Use as a context manager."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
        self._before: dict[str, Any] = {}
        self.count: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._ledger = Ledger(Path(self._folder.name, "ledger.sqlite"))
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.__exit__(None, None, None)
        self._folder.cleanup()

    def take(self, layout: str, sixth: Sixth | None) -> tuple[dict[str, Any], Collected, list[Submission | Rejected]]:
        """What the five have in the ledger, what was collected, and what everybody else handed in."""
        with tempfile.TemporaryDirectory(dir=self._folder.name) as folder:
            place = Path(folder)
            store = Store(place / "out")
            paths = LAYOUTS[layout](place, sixth)
            collected = collect(paths, ONE, store, place / "out")
            self.count["cases"] += 1
            run = self._ledger.open_run(f"{self.count['cases']:x}", "hw", None, None, NOW)
            enter(SimpleNamespace(ledger=self._ledger, run=run), collected.hand_ins, Said(ROSTER))  # type: ignore[arg-type]
            five: dict[str, Any] = {person.id: [] for person in FIVE}
            others = []
            for kept in self._ledger.hand_ins(run):
                one = kept.hand_in
                files = {} if one.problem else store.get(one.sha256, one.name, one.origin).files
                for student in kept.students:
                    if student in five:
                        five[student].append((one.problem, dict(files), one.attempt, one.submitted_at))
                if not set(kept.students) & five.keys():
                    taken = Rejected(one.name, one.origin, one.problem)
                    others.append(taken if one.problem else store.get(one.sha256, one.name, one.origin))
                assert not one.is_fault, one.problem
        return five, collected, others

    def without(self, layout: str) -> dict[str, Any]:
        """What the five have without a sixth."""
        if layout not in self._before:
            self._before[layout] = self.take(layout, None)[0]
            assert all(len(had) == 1 and not had[0][0] for had in self._before[layout].values()), self._before[layout]
        return self._before[layout]

    def check(self, case: tuple[str, Sixth]) -> list[Submission | Rejected]:
        """Take in a class with a sixth student. Returns what is in it of that one. Raises AssertionError."""
        layout, sixth = case
        before = self.without(layout)
        five, collected, others = self.take(layout, sixth)
        assert five == before, (layout, collected.hand_ins, collected.notes)
        for note in (*collected.notes, *(one.problem for one in collected.hand_ins)):
            assert note.isprintable(), note
        self.count[layout] += 1
        self.count["of the sixth taken in"] += any(isinstance(one, Submission) for one in others)
        return others


class Bench:
    """Grades the five and whatever a sixth handed in, in one session. Use as a context manager."""

    def __init__(self, desk: Desk, homework: Homework, zygote: Zygote) -> None:
        self._desk, self._homework, self._zygote = desk, homework, zygote
        self._seed = Seed.fresh()
        self._before = self._grade([])

    def check(self, case: tuple[str, Sixth]) -> None:
        """Take in a class with a sixth student, and grade it. Raises AssertionError."""
        others = self._desk.check(case)
        assert self._grade(others) == self._before, case
        self._desk.count["graded classes"] += 1

    def _grade(self, others: Sequence[Submission | Rejected]) -> dict[str, Any]:
        (file,) = self._homework.assignment.files
        work: list[Submission | Rejected] = []
        for person in FIVE:
            source = f"# {person.id}\n{self._homework.reference_source}"
            work += [toys.submission(source, person.id), *(_renamed(one, file) for one in others)]
        graded: list[Grading] = []
        session.grade(self._homework, work, self._zygote, on_graded=graded.append, seed=self._seed)
        assert len(graded) == len(work)
        ids = {person.id for person in FIVE}
        return {
            one.submission: [(o.check.name, o.verdict, o.earned, o.message) for o in one.outcomes]
            for one in graded
            if one.submission in ids
        }


def _renamed(one: Submission | Rejected, file: str) -> Submission | Rejected:
    """A submission with another name for the file that is asked for."""
    if isinstance(one, Rejected):
        return one
    files = {file if name == "conv.py" else name: content for name, content in one.files.items()}
    return replace(one, name=f"the sixth's {one.name}", files=files)


def search(check: Callable[[tuple[str, Sixth]], object], number: int, seed: int | None = None) -> None:
    """Check so many cases: the same ones each time without a seed."""
    quiet = settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=seed is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )

    def holds(case: tuple[str, Sixth]) -> None:
        check(case)

    test = quiet(given(cases)(holds))
    (test if seed is None else seeded(seed)(test))()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--graded", type=int, help="so many classes, and grade them as well")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    number = options.graded or options.cases
    print(f"{number:,} classes, seed {options.seed}", flush=True)
    started = time.monotonic()
    with Desk() as desk, tempfile.TemporaryDirectory() as folder:
        if options.graded:
            toy = toys.homework(Path(folder))
            with open_sandbox(toy.assignment) as zygote:
                search(Bench(desk, toy, zygote).check, number, options.seed)
        else:
            search(desk.check, number, options.seed)
        for what, number in sorted(desk.count.items()):
            print(f"{number:>7,}  {what}")
    print(f"the five were never changed ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
