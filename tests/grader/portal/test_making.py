"""What is made for a page is made once, and not tried again and again."""

from __future__ import annotations

import sys
import threading

import pytest
from starlette.exceptions import HTTPException

from grader.errors import UsageError
from grader.portal import making


def noting(path, rest: str) -> list[str]:
    code = f"import sys, time; open({str(path)!r}, 'a').write('x'); {rest}"
    return [sys.executable, "-c", code]


def test_what_fails_is_said_and_not_tried_again_for_a_minute(tmp_path, monkeypatch):
    command = noting(tmp_path / "runs", "sys.exit('no room')")
    for _ in range(2):
        with pytest.raises(UsageError, match="no room"):
            making.make(command, 30, lambda: False)
    assert (tmp_path / "runs").read_text() == "x"
    monkeypatch.setattr(making, "AGAIN_SECONDS", 0.0)
    with pytest.raises(UsageError, match="no room"):
        making.make(command, 30, lambda: False)
    assert (tmp_path / "runs").read_text() == "xx"


def test_what_does_not_end_is_given_up(tmp_path):
    with pytest.raises(UsageError, match="too long"):
        making.make(noting(tmp_path / "runs", "time.sleep(60)"), 0.2, lambda: False)


def test_who_asks_meanwhile_waits_and_makes_nothing_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "WAIT_SECONDS", 30.0)
    path = tmp_path / "runs"
    threads = [
        threading.Thread(target=making.make, args=(noting(path, "time.sleep(0.2)"), 30, path.exists)) for _ in range(3)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert path.read_text() == "x"
    monkeypatch.setattr(making, "WAIT_SECONDS", 0.01)
    with making._locks["held",], pytest.raises(HTTPException) as caught:
        making.make(["held"], 30, lambda: False)
    assert caught.value.status_code == 503
