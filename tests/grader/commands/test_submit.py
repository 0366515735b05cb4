"""`grader submit` and `grader status`, against the application itself, and (long) against a server that grades."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient

from grader.commands import submit
from grader.commands.cli import main
from grader.errors import UsageError
from grader.outcome import Verdict
from grader.portal import keys, line, people
from grader.portal.app import create_app
from grader.portal.book import Book
from grader.run.cluster import trust
from tests.grader.course import REFERENCE, require_isolation, write_course
from tests.grader.portal import test_tokens as played
from tests.grader.portal.served import served
from tests.grader.portal.site import Site

ADDRESS = "https://portal.example"


@pytest.fixture
def work(tmp_path) -> Path:
    path = tmp_path / "hw0.py"
    path.write_text(REFERENCE)
    return path


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A portal that the commands reach without a network."""
    made = Site(tmp_path)

    def client(*, base_url, headers, timeout):
        return TestClient(create_app(replace(made.portal, address=ADDRESS)), base_url=base_url, headers=headers)

    monkeypatch.setattr(submit.httpx2, "Client", client)
    monkeypatch.setenv(submit.KEY, made.key("ada"))
    grading(monkeypatch)
    yield made
    made.book.close()


def run(*arguments: object, address: str = ADDRESS) -> Result:
    return CliRunner().invoke(main, [str(one) for one in (*arguments, "--portal", address)])


def grading(monkeypatch, *steps) -> None:
    """Take one step of a grading between two looks at it; no more looks than steps are taken."""
    left = list(steps)

    class Clock:
        monotonic = staticmethod(time.monotonic)

        @staticmethod
        def sleep(_seconds: float) -> None:
            left.pop(0)()

    monkeypatch.setattr(submit, "time", Clock)


def begins(site, number: int) -> None:
    with site.book.writing() as connection:
        line.take(connection, "hw0")
        line.tell(connection, number, line.CHECK, played.CHECK.model_dump_json())


def test_what_was_understood_is_said_and_checks_are_printed_as_they_come(site, work, monkeypatch):
    grading(monkeypatch, lambda: begins(site, 1), lambda: played.with_report(site, 1))
    result = run("submit", "hw0", work, "--yes")
    assert result.exit_code == 1, result.output  # a check failed
    said = result.output
    assert "Defines 2 of 2 functions" in said
    assert f"attempt 1: {ADDRESS}/hand-ins/1" in said
    assert "Number 1 in the line." in said
    assert said.count(played.SENTENCE) == 1
    assert "3 / 5 points" in said
    assert said.index("Number 1") < said.index(played.SENTENCE) < said.index("3 / 5")


def test_all_that_passed_ends_with_0_and_a_fault_of_ours_with_3(site, work, monkeypatch):
    passed = played.CHECK.model_copy(update={"verdict": Verdict.PASSED})
    monkeypatch.setattr(played, "CHECK", passed)
    grading(monkeypatch, lambda: played.with_report(site, 1))
    assert run("submit", "hw0", work, "--yes").exit_code == 0
    grading(monkeypatch, lambda: played.finish(site, 2, "the disk is full"))
    result = run("submit", "hw0", work, "--yes")
    assert result.exit_code == 3
    assert "the fault is not yours" in result.output
    assert "disk" not in result.output


def test_a_portal_that_is_away_for_a_moment_is_waited_for(site, work, monkeypatch):
    def goes_away() -> None:
        ask = submit.Client.ask

        def away(*_, **__):
            monkeypatch.setattr(submit.Client, "ask", ask)
            raise submit._Away("nobody")

        monkeypatch.setattr(submit.Client, "ask", away)

    grading(monkeypatch, goes_away, lambda: played.with_report(site, 1))
    assert "3 / 5 points" in run("submit", "hw0", work, "--yes").output
    monkeypatch.setattr(submit, "PATIENCE", -1.0)
    grading(monkeypatch, goes_away)
    result = run("submit", "hw0", work, "--yes")
    assert (result.exit_code, "error: nobody" in result.output) == (3, True)


def test_nothing_counts_before_it_is_agreed_to(site, work):
    result = run("submit", "hw0", work)
    assert result.exit_code == 2
    assert "there is nobody to ask" in result.output
    assert site.row(1).state == line.DRAFT


def test_without_a_token_it_takes_a_word_more(site, work, monkeypatch):
    site.change(played.RULES)
    played.spend(site)
    result = run("submit", "hw0", work, "--yes")
    assert (result.exit_code, "you have no token left" in result.output) == (2, True)
    site.change('beyond = "score only"')
    assert "with --score-only you see its score only" in run("submit", "hw0", work, "--yes").output
    grading(monkeypatch, lambda: played.with_report(site, 5))
    result = run("submit", "hw0", work, "--yes", "--score-only")
    assert result.exit_code == 1, result.output
    assert "3 / 5 points" in result.output
    assert played.SENTENCE not in result.output


def test_status_lists_the_homeworks(site):
    site.change(played.RULES)
    played.spend(site)
    result = run("status")
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert "0 of 2 left; the next" in said
    assert "no due date" in said


@pytest.mark.parametrize(
    ("arguments", "key", "address", "said"),
    [
        (("submit", "hw1"), None, ADDRESS, "no homework 'hw1' on the portal, or it is not open yet; did you mean hw0?"),
        (("submit", "cnn"), None, ADDRESS, "there are: hw0"),
        (
            ("submit", "hw0"),
            "grader_wrong",
            ADDRESS,
            f"does not know the key in GRADER_KEY: make one at {ADDRESS}/keys",
        ),
        (("submit", "hw0"), "", ADDRESS, "there is no key in GRADER_KEY"),
        (("submit", "hw0"), None, "http://portal.example", "would go to portal.example for all to read"),
        (("submit", "hw0"), None, "portal.example", "is none"),
        (("submit", "hw0"), None, "https://portal.example/hw0", "is none"),
        (("submit", "hw0"), None, "https://other.example", "This portal's address is https://portal.example"),
    ],
)
def test_what_is_wrong_is_said(site, work, monkeypatch, arguments, key, address, said):
    if key is not None:
        monkeypatch.setenv(submit.KEY, key)
    result = run(*arguments, work, "--yes", address=address)
    assert result.exit_code == 2
    assert said in result.output
    assert "grader_" not in result.output.replace("grader_wrong", "")


def test_a_closed_homework_is_said_to_be_closed(site, work):
    played.due(site, -48, "[late]\naccepted = false\n")
    result = run("submit", "hw0", work, "--yes")
    assert result.exit_code == 2
    assert "hw0 is closed. Handed in 2 days after it was due" in result.output


def test_what_the_intake_refuses_is_said(site, tmp_path):
    essay = tmp_path / "essay.pdf"
    essay.write_bytes(b"%PDF-1.4")
    result = run("submit", "hw0", essay, "--yes")
    assert (result.exit_code, "is a PDF" in result.output) == (2, True)


@pytest.mark.parametrize(
    "address", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:80", "https://a.example/"]
)
def test_addresses_that_may_be_used(address):
    assert submit.checked(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1.evil.example", "https://me@a.example", "https://a:x", "ftp://a", ""]
)
def test_addresses_that_may_not(address):
    with pytest.raises(UsageError):
        submit.checked(address)


@pytest.fixture
def port():
    """A port at which something else answers each caller with two lines of plain text."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(10_000)
                    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_tls_that_is_none_and_what_is_no_portal(port, work, monkeypatch):
    monkeypatch.setenv(submit.KEY, "grader_x")
    result = run("status", address=f"https://127.0.0.1:{port}")
    assert (result.exit_code, "cannot prove that it is the portal (TLS: " in result.output) == (3, True), result.output
    result = run("status", address=f"http://127.0.0.1:{port}")
    assert (result.exit_code, "not as a portal of this grader does" in result.output) == (2, True), result.output


def test_a_certificate_that_nobody_trusts_gets_no_key(tmp_path, monkeypatch):
    monkeypatch.setenv(submit.KEY, "grader_x")
    trust.make_certificates(tmp_path / "tls")
    context, came = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    context.load_cert_chain(tmp_path / "tls" / trust.CERTIFICATE, tmp_path / "tls" / trust.KEY)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            caller, _ = listening.accept()
            try:
                with context.wrap_socket(caller, server_side=True) as talking:
                    came.append(talking.recv(10_000))
            except (ssl.SSLError, ConnectionError) as error:
                came.append(type(error))
            finally:
                caller.close()

        thread = threading.Thread(target=answer)
        thread.start()
        result = run("status", address=f"https://127.0.0.1:{listening.getsockname()[1]}")
        thread.join()
    assert result.exit_code == 3
    assert "cannot prove that it is the portal (TLS: unable to get local issuer certificate)" in result.output
    (what,) = came
    assert what == b"" or isinstance(what, type)


def test_no_network(monkeypatch):
    monkeypatch.setenv(submit.KEY, "grader_x")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    result = run("status", address=f"http://127.0.0.1:{port}")
    assert (result.exit_code, "cannot be reached" in result.output) == (3, True)


@pytest.mark.long
def test_against_a_server_that_grades(tmp_path, work):
    require_isolation()
    course, state = write_course(tmp_path / "course"), tmp_path / "state"
    with served(course, state) as server:
        book = Book(state)
        with book.writing() as connection:
            user = people.find(connection, "ada")
            environment = {**os.environ, submit.KEY: keys.make(connection, user, "laptop"), "OMP_NUM_THREADS": "1"}
        book.close()
        command = [sys.executable, "-m", "grader", "submit", "hw0", str(work), "--yes", "--portal", server.address]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("passed") == 4
        assert "5 / 5 points" in done.stdout
        work.write_text(REFERENCE.replace("x + 1", "x + 2"))
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 1
        assert "3 / 5 points" in done.stdout
