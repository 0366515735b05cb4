"""A portal of a small course with some people and hand-ins in it, in which nothing is graded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient

from grader.collect.roster import read_roster
from grader.intake.submission import Submission, files_sha256
from grader.ledger.ledger import Ledger
from grader.ledger.records import Run
from grader.portal import keys, line, people
from grader.portal.app import create_app
from grader.portal.book import Book, now_text
from grader.portal.course import LEDGER, ROSTER, Place, run_folder
from grader.portal.hub import Hub
from grader.portal.people import INSTRUCTOR, TA, User
from grader.portal.web import COOKIE, Portal
from grader.run.folder import ledger_address, settle_settings
from grader.sandbox.where import ANYWHERE
from tests.grader.course import REFERENCE, write_course

ADDRESS = "http://portal.example"
ROSTER_TEXT = "id,name,email\nada,Ada A,ada@uni.example\nben,Ben B,ben@uni.example\n"


@dataclass
class Asleep:
    """Starts no grading process, and notes which one would be wanted."""

    wanted: list[str] = field(default_factory=list)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def warm(self, name: str) -> None:
        self.wanted.append(name)

    def alive(self) -> dict[str, int]:
        return {}


class Site:
    """A portal, its people by name, and browsers of theirs."""

    def __init__(self, folder: Path) -> None:
        self.course = write_course(folder / "course")
        self.state = folder / "state"
        self.book = Book(self.state)
        (self.state / ROSTER).write_text(ROSTER_TEXT)
        place = Place.of(self.course, self.state)
        self.portal = Portal(self.book, place, Asleep(), Hub(self.book), ADDRESS)
        self.app = create_app(self.portal)
        with self.book.writing() as connection:
            line.know(connection, ["hw0"])
            people.enrol(connection, read_roster(self.state / ROSTER))
            people.add_staff(connection, "tom@uni.example", "Tom T", TA)
            people.add_staff(connection, "ivy@uni.example", "Ivy I", INSTRUCTOR)

    def change(self, text: str) -> None:
        """Put lines into the homework's assignment.toml, before its parts."""
        path = self.course / "assignments" / "hw0" / "assignment.toml"
        path.write_text(path.read_text().replace("[[parts]]", f"{text}\n\n[[parts]]", 1))
        self.portal.place = Place.of(self.course, self.state)

    def user(self, name: str) -> User:
        with self.book.reading() as connection:
            found = people.find(connection, f"{name}@uni.example")
        assert found is not None
        return found

    def browser(self, name: str = "") -> TestClient:
        """A browser of somebody who is logged in; of nobody without a name."""
        browser = TestClient(
            self.app,
            base_url=ADDRESS,
            headers={"origin": ADDRESS, "sec-fetch-site": "same-origin"},
            follow_redirects=False,
        )
        if name:
            with self.book.writing() as connection:
                browser.cookies.set(COOKIE, people.begin(connection, self.user(name)))
        return browser

    @contextlib.contextmanager
    def ledger(self) -> Iterator[tuple[Ledger, Run]]:
        """The ledger of a run that knows the class."""
        folder, homework = run_folder(self.state, "hw0"), self.portal.place.homeworks["hw0"]
        folder.mkdir(parents=True, exist_ok=True)
        settings = settle_settings(folder, homework, ANYWHERE, str(self.state / LEDGER))
        with Ledger(ledger_address(folder, settings)) as ledger:
            run = ledger.open_run(settings.key, "hw0", None, None, datetime.now(UTC))
            ledger.enrol(run, read_roster(self.state / ROSTER))
            yield ledger, run

    def key(self, name: str) -> str:
        """A key of a student's."""
        with self.book.writing() as connection:
            return keys.make(connection, self.user(name), "laptop")

    def program(self, name: str = "") -> TestClient:
        """A program that has somebody's key, and no cookie."""
        headers = {"authorization": f"Bearer {self.key(name)}"} if name else {}
        return TestClient(self.app, base_url=ADDRESS, headers=headers, follow_redirects=False)

    def draft(self, name: str, source: str = REFERENCE) -> int:
        files = {"hw0.py": source.encode()}
        submission = Submission("x", files, files_sha256(files), "x")
        told = {"files": [["hw0.py", 10]], "missing": {}, "wanted": 2, "fault": "", "note": "", "ignored": []}
        with self.book.writing() as connection:
            return line.add_draft(connection, self.user(name).id, "hw0", submission, now_text(), told)

    def hand_in(self, name: str, source: str = REFERENCE, *, lane: int = line.HAND_IN) -> int:
        number = self.draft(name, source)
        with self.book.writing() as connection:
            line.confirm(connection, line.one(connection, number), name, lane)
        return number

    def row(self, number: int):
        with self.book.reading() as connection:
            return line.one(connection, number)

    def graded(self, name: str) -> int:
        """A hand-in that is done, with a report that says what it was."""
        number = self.hand_in(name)
        with self.book.writing() as connection:
            line.take(connection, "hw0")
            line.finish(connection, number)
        row = self.row(number)
        for for_staff in (False, True):
            path = self.portal.place.report_page("hw0", row.name, for_staff=for_staff)
            path.parent.mkdir(parents=True)
            path.write_text("for staff" if for_staff else "for the student")
        return number


def token_of(browser: TestClient) -> dict[str, str]:
    """What forms of this browser's session carry."""
    return {"token": people.form_token(browser.cookies[COOKIE])}
