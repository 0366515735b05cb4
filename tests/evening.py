"""`make evening`: a TA's evening with 300 students of three platforms, by the command line only, from download to feedback.

Run: python -m tests.evening [FOLDER]. Each step says what was done and what was held against the truth, which the class was
made with; a step that does not come out right ends it with exit code 1. It takes some minutes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller

from tests.grader.course import ASSIGNMENT, REFERENCE, write_course

SURNAMES = ("Lee", "Roe", "Wu", "Park", "Müller", "García", "王", "Łukasz", "O'Neil", "Picard")
GIVEN = ("Ada", "Ben", "Cy", "Jean-Luc", "小明", "Zoë")
STUDENTS = 300
WRONG = REFERENCE.replace("2 * x", "x * x")
HALF = REFERENCE.replace("x + 1", "x + 2")
PLOT = f"import matplotlib_that_is_not_here as plt\n{REFERENCE}plt.plot([1])\n"
# kind of work → the file's name, its content, the points
KINDS: dict[str, tuple[str, str | bytes, float]] = {
    "right": ("hw0.py", REFERENCE, 5),
    "half": ("hw0.py", HALF, 3),
    "wrong": ("hw0.py", WRONG, 2),
    "plot": ("hw0.py", PLOT, 5),
    "renamed": ("hw0 (1).py", REFERENCE, 5),
    "utf16": ("hw0.py", REFERENCE.encode("utf-16"), 5),
    "word": ("hw0.docx", b"PK\x03\x04", 0),
    "notebook": (
        "hw0.ipynb",
        json.dumps(
            {"nbformat": 4, "cells": [{"cell_type": "code", "source": s} for s in (REFERENCE, "1 / 0", "y = 1")]}
        ),
        5,
    ),
}


@dataclass
class Student:
    """One of the class, and what is true of them."""

    number: int
    name: str
    platform: str
    kind: str  # of KINDS, or "" where nothing is handed in

    @property
    def id(self) -> str:
        return f"{5000 + self.number}"

    @property
    def points(self) -> float | None:
        return KINDS[self.kind][2] if self.kind else None


class Evening:
    """The class, its files, and what the commands said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course = write_course(folder / "course", assignment=ASSIGNMENT)
        self.out = folder / "out"
        self.people = [_student(number) for number in range(STUDENTS)]
        self.started = time.monotonic()

    def grader(self, *arguments: object, code: int = 0) -> str:
        """Run a command, and hold its exit code against the one that is right."""
        command = [sys.executable, "-m", "grader", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.course, check=False)
        said = done.stdout + done.stderr
        if done.returncode != code:
            raise AssertionError(f"{' '.join(command[2:])}: exit code {done.returncode}, not {code}\n{said[-3000:]}")
        return said

    def roster(self, name: str, people: list[Student], formerly: dict[str, str] | None = None) -> Path:
        """A roster of these people; `formerly`: id now → before."""
        path = self.folder / name
        before = {old: new for new, old in (formerly or {}).items()}
        rows = [
            (before.get(one.id, one.id), one.name, f"{one.id}@x.example", one.id if one.id in before else "")
            for one in people
        ]
        path.write_text("id;name;email;formerly\n" + "".join(f"{';'.join(row)}\n" for row in rows), "utf-8-sig")
        return path

    def book(self, folder: Path | None = None) -> dict[str, dict[str, str]]:
        """The gradebook's lines by id."""
        path = (folder or self.out) / "gradebook" / "gradebook.csv"
        return {row["id"]: row for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))}

    def holds(self, what: str, *, is_so: bool, detail: object = "") -> None:
        """A sentence that is true."""
        if not is_so:
            raise AssertionError(f"NOT SO: {what} {detail}")
        print(f"  {time.monotonic() - self.started:5.0f} s  {what}", flush=True)

    def scores_are_true(self, what: str, ids: Callable[[Student], str] = lambda one: one.id) -> None:
        """Hold every student's score against what their work is worth."""
        book = self.book()
        wrong = [
            (one.id, one.kind, book.get(ids(one), {}).get("hw0"))
            for one in self.people
            if (book.get(ids(one), {}).get("hw0") or None) != (None if one.points is None else f"{one.points:g}")
        ]
        self.holds(what, is_so=not wrong, detail=wrong[:5])


def _student(number: int) -> Student:
    kinds = [*KINDS, "right", "half", "wrong", ""]
    name = f"{SURNAMES[number % 10]}, {GIVEN[number // 10 % 6]} {chr(65 + number // 60)}"
    return Student(number, name, ("canvas", "moodle", "gradescope")[number % 3], kinds[number // 3 % len(kinds)])


def downloads(evening: Evening) -> list[Path]:
    """What the three platforms give: zip archives of Canvas and Gradescope, a folder of Moodle."""
    canvas, gradescope = evening.folder / "canvas.zip", evening.folder / "gradescope.zip"
    moodle = evening.folder / "moodle"
    metadata = []
    with zipfile.ZipFile(canvas, "w") as first, zipfile.ZipFile(gradescope, "w") as second:
        for one in evening.people:
            if not one.kind:
                continue
            file, content, _ = KINDS[one.kind]
            unique = f"# {one.id}\n"
            data = content if isinstance(content, bytes) else content.encode()
            if file.endswith(".py") and isinstance(content, str):
                data = unique.encode() + data  # each work is another one
            if one.platform == "canvas":
                squeezed = re.sub(r"\W", "", one.name).lower()
                first.writestr(f"{squeezed}_{one.id}_{90000 + one.number}_{file}", data)
            elif one.platform == "moodle":
                last, _, given = one.name.partition(", ")
                place = moodle / f"{given} {last}_{60000 + one.number}_assignsubmission_file_" / file
                place.parent.mkdir(parents=True)
                place.write_bytes(data)
            else:
                second.writestr(f"export/submission_{one.number}/{file}", data)
                metadata.append(
                    f'submission_{one.number}:\n  :submitters:\n  - :name: "{one.name}"\n    :sid: "{one.id}"\n'
                    f'    :email: "{one.id}@x.example"\n  :created_at: 2027-03-01 12:00:00 Z\n'
                )
        second.writestr("export/submission_metadata.yml", "---\n" + "".join(metadata))
    return [canvas, moodle, gradescope]


def grade(evening: Evening) -> None:
    """The class is taken in, graded and told apart."""
    paths = downloads(evening)
    given = evening.roster("roster.csv", evening.people)
    handed_in = sum(bool(one.kind) for one in evening.people)
    said = evening.grader("grade", "hw0", *paths, "-o", evening.out, "--roster", given, "--dry-run")
    evening.holds(f"a dry run sees {handed_in} hand-ins", is_so=f"{handed_in} submissions:" in said, detail=said[-300:])
    evening.holds("and no stranger", is_so="nobody on the roster" not in said and "is 2 people" not in said)
    said = evening.grader("grade", "hw0", *paths, "-o", evening.out, "--roster", given, "-j", 2)
    missing, unreadable = (sum(one.kind == kind for one in evening.people) for kind in ("", "word"))
    counted = (handed_in - unreadable, "graded"), (unreadable, "unreadable"), (missing, "handed nothing in")
    evening.holds(
        "its counts add up to the class", is_so=all(f"{n} {word}" in said for n, word in counted), detail=counted
    )
    evening.holds("every student has one line", is_so=len(evening.book()) == STUDENTS)
    evening.scores_are_true("every score is what the work is worth")
    again = evening.grader("grade", "hw0", *paths, "-o", evening.out)
    evening.holds("the same command again grades nothing", is_so="starting" not in again)


def mishaps(evening: Evening) -> None:
    """A download of another homework, a class as one path, and a suite that breaks."""
    other = evening.folder / "other"
    for number in range(9):
        (other / f"s{number}").mkdir(parents=True)
        (other / f"s{number}" / "conv.py").write_text("x = 1\n")
    second = evening.course / "assignments" / "hw1"
    second.mkdir()
    (second / "assignment.toml").write_text(ASSIGNMENT.replace("hw0", "hw1").replace("hw1.py", "conv.py"))
    said = evening.grader("grade", "hw0", other, "-o", evening.out, code=2)
    evening.holds("another homework's download is refused", is_so="looks like a download of hw1" in said, detail=said)
    flat = evening.folder / "flat"
    flat.mkdir()
    for number in range(40):
        (flat / f"s{number}_work.py").write_text(REFERENCE)
    said = evening.grader("grade", "hw0", flat, "-o", evening.out, code=2)
    evening.holds("40 people's files are no one's submission", is_so="the work of many people" in said, detail=said)
    (suite,) = (evening.course / "tests" / "hidden" / "hw0").glob("test_*.py")
    whole = suite.read_text()
    suite.write_text(whole.replace("agree(student.double,", "agree(sutdent.double,"))
    before = {one: row["hw0"] for one, row in evening.book().items()}
    evening.grader("grade", evening.out, "-j", 2, code=3)
    after = {one: row["hw0"] for one, row in evening.book().items()}
    evening.holds("a suite that breaks takes no grade away", is_so=before == after)
    suite.write_text(whole)
    evening.grader("grade", evening.out)
    evening.scores_are_true("and all is as it was when it is mended")


def changes(evening: Evening) -> None:
    """A new id, somebody who has left, points by hand, a comment: without the downloads."""
    first, left = evening.people[0], evening.people[5]
    people = [one for one in evening.people if one is not left]
    given = evening.roster("later.csv", people, {f"N{first.id}": first.id})
    evening.grader("grade", evening.out, "--roster", given)

    def ids(one: Student) -> str:
        return f"N{one.id}" if one is first else one.id

    evening.scores_are_true("a new roster keeps every grade, also under another id", ids)
    book = evening.book()
    evening.holds("who has left is marked", is_so=[one for one, row in book.items() if row["left"]] == [left.id])
    third = next(one for one in evening.people if one.kind == "half" and one is not left)
    last, _, name = third.name.partition(", ")
    evening.grader("adjust", evening.out, f"{name} {last}", "-0.5", "--reason", "late talk")
    evening.holds("points by hand, by a name", is_so=evening.book()[third.id]["hw0"] == "2.5")
    evening.grader("comment", evening.out, third.id, "See me on Monday.")
    evening.grader("adjust", evening.out, "--withdraw", "1", "--reason", "a mistake")


def feedback(evening: Evening) -> None:
    """The reports go back, each to its own student."""
    back = evening.folder / "back"
    evening.grader("feedback", evening.out, "-o", back)
    with (back / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        index = list(csv.DictReader(file))
    evening.holds("the index has every student", is_so=len(index) == STUDENTS)
    names = {one.id: one for one in evening.people}
    mixed = []
    for row in index:
        one = names[row["id"].removeprefix("N")]
        report = back / row["folder"] / "report.md"
        if bool(row["folder"]) != bool(one.kind) or row["name"] != one.name:
            mixed.append(row)
        elif one.kind and f"{one.points:g} / 5" not in report.read_text().replace("**", "").split("\n")[0]:
            mixed.append(report.read_text()[:80])
    evening.holds("each folder holds that student's report", is_so=not mixed, detail=mixed[:3])
    for platform, archive in (("canvas", "canvas.zip"), ("moodle", "moodle.zip")):
        with zipfile.ZipFile(back / archive) as packed:
            number = sum(one.platform == platform and bool(one.kind) for one in evening.people)
            evening.holds(f"{archive} has {number} reports", is_so=len(packed.namelist()) == number)
    evening.holds("nothing of staff's is in it", is_so=not list(back.rglob("*.json")))
    mail(evening, sum(bool(row["folder"]) for row in index) - 1)  # who has left gets none


def mail(evening: Evening, number: int) -> None:
    """One message per student, to a server on this machine."""
    got: list[str] = []

    class Box:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's own name
            got.extend(envelope.rcpt_tos)
            return "250 taken"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Box(), hostname="127.0.0.1", port=port)
    controller.start()
    config = evening.folder / "mail.toml"
    config.write_text(f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "ta@x.example"\n')
    try:
        said = evening.grader("feedback", evening.out, "--mail", config)
        evening.holds(
            "a dry run sends no mail", is_so=not got and f"{number} messages to send" in said, detail=said[-200:]
        )
        for _ in range(2):
            evening.grader("feedback", evening.out, "--mail", config, "--send")
    finally:
        controller.stop()
    evening.holds(f"{number} messages, each once", is_so=len(got) == number == len(set(got)), detail=len(got))


def main() -> int:
    """The whole evening."""
    with tempfile.TemporaryDirectory() as scratch:
        evening = Evening(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch))
        try:
            for step in (grade, mishaps, changes, feedback):
                print(step.__doc__, flush=True)
                step(evening)
        except AssertionError as error:
            print(error, flush=True)
            return 1
    print(f"{STUDENTS} students of three platforms: {time.monotonic() - evening.started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
