"""`grader serve` as it is started: what it loads, what it refuses, its demo, and that nothing is lost when it is killed."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from grader.commands import serve_demo
from grader.commands.cli import main
from grader.commands.serve import Options, _address, _give_out
from grader.homework import load_homework
from grader.ledger.ledger import Ledger
from grader.portal import line
from grader.portal import tables as t
from grader.portal.book import Book
from grader.portal.course import LEDGER
from grader.portal.people import User
from grader.run.folder import alone
from tests.grader.course import REFERENCE, require_isolation, write_course
from tests.grader.portal.served import Served, served
from tests.grader.portal.site import Site

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse battery"


def run(*arguments: object):
    return CliRunner().invoke(main, ["serve", *map(str, arguments)])


def test_the_web_process_loads_neither_torch_nor_pandas():
    code = (
        "import sys, grader.commands.serve, grader.commands.mail, grader.portal.app\n"
        "print([name for name in ('torch', 'pandas', 'numpy', 'matplotlib', 'sklearn', 'pytest') if name in sys.modules])\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_two_servers_on_one_folder_are_refused(tmp_path):
    course, state = write_course(tmp_path / "course"), tmp_path / "state"
    with alone(state):
        result = run(course, "--state", state, "--port", 0)
    assert result.exit_code == 3
    assert "at work in" in result.output


def test_beyond_this_machine_it_needs_an_address(tmp_path):
    result = run(write_course(tmp_path / "course"), "--state", tmp_path / "state", "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "--url" in result.output


@pytest.mark.parametrize(
    "url",
    [
        "portal.example",
        "https://",
        "ftp://portal.example",
        "https://portal.example/course",
        "https://portal.example:x",
        "https://a@portal.example",
        "https://[bad",
    ],
)
def test_an_address_that_browsers_cannot_have_is_refused(tmp_path, url):
    result = run(write_course(tmp_path / "course"), "--state", tmp_path / "state", "--port", 0, "--url", url)
    assert result.exit_code == 2
    assert "without a path" in result.output


@pytest.mark.parametrize(
    ("options", "address"),
    [
        (Options(host="::1"), "http://[::1]:8000"),
        (Options(url="http://localhost:80"), "http://localhost"),
        (Options(url="https://portal.example:443"), "https://portal.example"),
        (Options(url="https://Portal.example/"), "https://portal.example"),
        (Options(url="https://portal.example:444"), "https://portal.example:444"),
    ],
)
def test_the_address_is_as_browsers_say_it(options, address):
    assert _address(options, 8000) == address
    assert _address(Options(), 80) == "http://127.0.0.1"


def test_links_to_merge_into_letters_hold_no_formula(site, capsys):
    user = User(1, "eve", '=HYPERLINK("http://evil.example")', "+eve@uni.example", "student")
    _give_out(site.portal, [(user, "secret")])
    (_, row) = csv.reader(capsys.readouterr().out.splitlines())
    assert row == ["'" + user.name, "'" + user.email, "student", f"{site.portal.address}/invitation/secret"]


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.book.close()


def test_passwords_go_to_no_other_machine_without_tls(tmp_path):
    state = tmp_path / "state"
    result = run(write_course(tmp_path / "course"), "--state", state, "--port", 0, "--url", "http://portal.example")
    assert result.exit_code == 2
    assert "https://" in result.output


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_a_demo_is_for_this_machine_only(host):
    result = run("--demo", "--host", host, "--url", "https://portal.example")
    assert result.exit_code == 2
    assert "this machine only" in result.output


def test_a_roster_that_cannot_be_read_is_not_kept(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("name\nAda\n")
    result = run(write_course(tmp_path / "course"), "--state", tmp_path / "state", "--port", 0, "--roster", roster)
    assert result.exit_code == 2
    state = tmp_path / "state"
    assert not (state / "roster.csv").exists()
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / ".gitignore").read_text() == "*\n"


@contextmanager
def come_in(server: Served, email: str) -> Iterator[httpx2.Client]:
    headers = {"origin": server.address}
    with httpx2.Client(base_url=server.address, headers=headers, timeout=30, trust_env=False) as browser:
        browser.post(server.links[email], data={"password": PASSWORD, "again": PASSWORD})
        yield browser


def hand_in(browser: httpx2.Client, source: str) -> int:
    page = browser.get("/homework/hw0").text
    token = {"token": page.partition('name="token" value="')[2].partition('"')[0]}
    answer = browser.post("/homework/hw0/hand-ins", data=token, files={"files": ("hw0.py", source.encode())})
    where = answer.headers["location"]
    browser.post(f"{where}/confirm", data=token)
    return int(where.rpartition("/")[2])


@pytest.mark.long
def test_a_server_that_is_killed_at_any_moment_loses_nothing(tmp_path):
    require_isolation()
    course, state = write_course(tmp_path / "course"), tmp_path / "state"
    with served(course, state, "--invite") as server:
        with come_in(server, "ada@uni.example") as ada:
            numbers = [hand_in(ada, f"{REFERENCE}\n# {number}\n") for number in range(3)]
        server.kill()
    book = Book(state)
    for seconds in (1.0, 3.0, 5.0):
        with served(course, state) as server:
            time.sleep(seconds)
            server.kill()
    with served(course, state):
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with book.reading() as connection:
                if all(line.one(connection, number).state == line.DONE for number in numbers):
                    break
            time.sleep(0.1)
    with book.reading() as connection:
        assert [line.one(connection, number).state for number in numbers] == [line.DONE] * 3
    book.close()
    with Ledger(state / LEDGER) as ledger:
        (run_,) = ledger.runs()
        assert sorted(one.name for one in ledger.history(run_)) == [f"ada_attempt{number}" for number in (1, 2, 3)]


def test_the_demo_has_a_class_that_waits(tmp_path, monkeypatch):
    monkeypatch.setattr(serve_demo, "STUDENTS", 4)
    monkeypatch.setattr(serve_demo.demo, "simulate", _class)
    out = tmp_path / "demo"
    course = serve_demo.prepared(tmp_path / "no course", out)
    homework = load_homework(course, "hw1")
    assert homework.assignment.due is not None
    book = Book(course / "portal")
    with book.reading() as connection:
        students = connection.scalar(select(func.count(t.users.c.id)))
        lanes = set(connection.scalars(select(t.hand_ins.c.lane).where(t.hand_ins.c.state == line.QUEUED)))
    book.close()
    assert students == 5  # and one who never hands in
    assert lanes == {line.RERUN}  # who tries it comes first
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine").touch()
    assert run("--demo", "--state", tmp_path / "other").exit_code == 2


def _class(homework, folder, students, _seed) -> list[Path]:
    paths = [folder / name for name in ("ada", "amir", "ana", "ben")[:students]]
    for path in paths:
        path.mkdir(parents=True)
        (path / homework.assignment.files[0]).write_text(homework.reference_source)
    return paths
