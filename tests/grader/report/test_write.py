from __future__ import annotations

import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.outcome import Verdict
from grader.report.model import Report
from grader.report.write import STAFF, folder_name, write, write_reports
from tests.grader.report.samples import BEFORE, HOSTILE, grade, outcome, whole


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_both_trees_are_written(tmp_path, assignment):
    report = write_reports(tmp_path, assignment, whole(), BEFORE)
    assert files(tmp_path) == [
        "_staff/ada/report.html",
        "_staff/ada/report.json",
        "ada/report.html",
        "ada/report.json",
        "ada/report.md",
        "ada/results.json",
    ]
    assert Report.model_validate_json((tmp_path / STAFF / "ada" / "report.json").read_text("utf-8")) == report
    student = Report.model_validate_json((tmp_path / "ada" / "report.json").read_text("utf-8"))
    assert student.withheld is not None


def test_students_files_hold_no_canary(tmp_path, assignment):
    hidden = outcome(
        "CANARY",
        visibility="hidden",
        verdict=Verdict.FAILED,
        message="CANARY",
        sentence="CANARY",
        staff_detail="CANARY",
    )
    loud = outcome("d", "backward", verdict=Verdict.FAILED, staff_detail="CANARY")
    write_reports(
        tmp_path, assignment, grade(hidden, outcome("b"), outcome("c", "backward"), loud, seed="CANARY"), BEFORE
    )
    for name in ("report.json", "report.html", "report.md"):
        assert "CANARY" not in (tmp_path / "ada" / name).read_text("utf-8")
    assert "CANARY" in (tmp_path / STAFF / "ada" / "report.html").read_text("utf-8")


def test_only_the_owner_reads_what_holds_hidden_checks(tmp_path, assignment):
    write_reports(tmp_path, assignment, whole(), BEFORE)
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in [STAFF, *files(tmp_path)]}
    assert {name for name, mode in modes.items() if mode & 0o077} == {
        "ada/report.html",
        "ada/report.json",
        "ada/report.md",
    }


def test_the_json_is_strict(tmp_path, assignment):
    write_reports(tmp_path, assignment, whole(submission=HOSTILE, problem=HOSTILE), BEFORE)
    for path in tmp_path.rglob("*.json"):
        json.loads(path.read_bytes(), parse_constant=pytest.fail)


def test_a_second_run_replaces_the_first(tmp_path, assignment):
    write_reports(tmp_path, assignment, whole(), BEFORE)
    before = files(tmp_path)
    write_reports(tmp_path, assignment, whole(problem="second"), BEFORE)
    assert files(tmp_path) == before
    assert '"second"' in (tmp_path / "ada" / "report.json").read_text("utf-8")


@pytest.mark.parametrize("failing", ["replace", "fchmod"])
def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, failing):
    path = tmp_path / "report.json"
    write(path, "old")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, failing, interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(path, "new" * 10_000)
    assert path.read_text("utf-8") == "old"
    assert files(tmp_path) == ["report.json"]


@pytest.mark.parametrize("name", ["ada", "ada.lovelace", "hw1-ada_l@uni.example", "12345"])
def test_harmless_names_stay(name):
    assert folder_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc",
        "/etc",
        "a/b",
        "_staff",
        ".hidden",
        "a\x00",
        "\udc80",
        "é" * 300,
        "ada-0123456789abcdef",
        "ledger.sqlite",
        "LEDGER.sqlite-wal",
        "gradebook",
        "class.html",
    ],
)
def test_odd_names_become_one_harmless_folder(name):
    made = folder_name(name)
    assert made != name
    assert len(made.encode()) < 150
    assert not made.startswith((".", "_", "-"))
    assert not set(made) & set("/\\\0")


@given(st.text(), st.text())
def test_two_names_are_two_folders(one, other):
    assert (folder_name(one) == folder_name(other)) == (one == other)
