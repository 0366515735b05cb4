"""Gradescope's contract, with a folder in /autograder's place and this machine's best sandbox."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.commands.package.gradescope import run as runs
from grader.homework import Homework
from grader.report.gradescope import CHARACTERS
from tests.grader.toy import REFERENCE

PLACE = {"name": "error", "value": 0.5, "order": "asc"}
NOW = datetime(2027, 3, 20, 12, tzinfo=UTC).isoformat()


@pytest.fixture
def autograder(tmp_path: Path, toy: Homework) -> Path:
    """The folders of Gradescope's layout, with the toy homework in it and nothing handed in."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "source" / "course").symlink_to(toy.public.parents[1])
    (tmp_path / "source" / "settings.json").write_text('{"homework": "toy", "at_most": 1}')
    (tmp_path / "submission_metadata.json").write_text(json.dumps({"created_at": NOW}))
    return tmp_path


def results(autograder: Path) -> dict:
    return json.loads((autograder / "results" / "results.json").read_text())


def hand_in(autograder: Path, source: str) -> None:
    (autograder / "submission" / "toy.py").write_text(source)


def test_full_marks(autograder):
    hand_in(autograder, REFERENCE)
    assert runs.run(autograder) == 0
    said = results(autograder)
    assert said["score"] == 6
    assert [test["status"] for test in said["tests"]] == ["passed"] * 3
    assert isinstance(said["execution_time"], float)
    assert "pending" not in said["extra_data"]


@pytest.mark.long
def test_results_are_there_before_the_end_and_keep_what_was_earned(autograder, monkeypatch):
    """What a global time limit would leave: killed in the last check, the others' points stand in the file."""
    seen: list[dict] = []
    write = runs.write

    def look(path: Path, text: str) -> None:
        write(path, text)
        seen.append(json.loads(text))

    monkeypatch.setattr(runs, "write", look)
    monkeypatch.setattr(runs, "EVERY_SECONDS", 0.0)
    hand_in(autograder, REFERENCE)
    runs.run(autograder)
    assert seen[0]["score"] == 0
    assert all(runs.PENDING in test["output"] for test in seen[0]["tests"])
    scores = [one["score"] for one in seen]
    assert scores == sorted(scores)
    assert 0 < scores[1] < scores[-1] == 6
    assert [one["extra_data"].get("pending", False) for one in seen] == [True] * (len(seen) - 1) + [False]


def test_nothing_handed_in(autograder):
    assert runs.run(autograder) == 0
    assert results(autograder)["score"] == 0
    assert results(autograder)["output"] == "The folder is empty."


def test_too_many_submissions_keep_the_last_score(autograder):
    hand_in(autograder, REFERENCE)
    previous = [{"submission_time": "2027-03-20T11:00:00Z", "score": 4.5, "results": {"leaderboard": [PLACE]}}]
    metadata = {"created_at": NOW, "previous_submissions": previous}
    (autograder / "submission_metadata.json").write_text(json.dumps(metadata))
    assert runs.run(autograder) == 0
    said = results(autograder)
    assert said["score"] == 4.5
    assert said["output"].startswith("Not graded: 1 submissions were graded")
    assert said["extra_data"] == {"refused": True}
    assert said["leaderboard"] == [PLACE]


def test_without_metadata_it_is_graded_and_staff_are_told(autograder, capsys):
    (autograder / "submission_metadata.json").unlink()
    hand_in(autograder, REFERENCE)
    assert runs.run(autograder) == 0
    assert results(autograder)["score"] == 6
    assert "submission_metadata.json cannot be read" in results(autograder)["extra_data"]["metadata"]
    assert "submission_metadata.json cannot be read" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.parametrize(
    ("days", "score", "said"),
    [
        (-1, 6, None),
        (1.5, 4.8, "2 started days. 10 % of the assignment's points for each: 20 %"),
        (9, 0, "Nothing is accepted after 3 days"),
    ],
)
def test_lateness_is_computed_from_created_at_and_gradescopes_due_date(autograder, toy, days, score, said):
    course = autograder / "source" / "course"
    course.unlink()
    shutil.copytree(toy.public.parents[1], course)
    with (course / "assignments" / "toy" / "assignment.toml").open("a") as file:
        file.write("\n[late]\npercent_per_day = 10\nlast_day = 3\n")
    due = datetime.fromisoformat(NOW) - timedelta(days=days)
    metadata = {"created_at": NOW, "assignment": {"due_date": due.isoformat()}}
    (autograder / "submission_metadata.json").write_text(json.dumps(metadata))
    hand_in(autograder, REFERENCE)
    assert runs.run(autograder) == 0
    assert results(autograder)["score"] == pytest.approx(score)
    assert said is None or said in results(autograder)["output"]


def test_a_fault_of_ours_is_no_zero(autograder, monkeypatch):
    from grader.errors import InfraError

    def refuse(*_: object, **__: object) -> None:
        raise InfraError("this machine offers no isolation to grade in")

    monkeypatch.setattr(runs, "open_sandbox", refuse)
    hand_in(autograder, REFERENCE)
    assert runs.run(autograder) == 3
    assert "score" not in results(autograder)
    assert "Not graded: the grader failed, not you." in results(autograder)["output"]


@pytest.mark.long
def test_results_that_cannot_be_written_are_told(autograder, capsys):
    hand_in(autograder, REFERENCE)
    (autograder / "results").rmdir()
    (autograder / "results").write_text("a file is in the way")
    assert runs.run(autograder) == 3
    assert "results.json cannot be written" in capsys.readouterr().err


@pytest.mark.long
def test_a_flood_of_output_stays_below_gradescopes_limit(autograder):
    hand_in(autograder, "def double(x):\n    raise ValueError('y' * 10**6)\nshift = both = double\n")
    assert runs.run(autograder) == 0
    assert os.path.getsize(autograder / "results" / "results.json") < CHARACTERS
