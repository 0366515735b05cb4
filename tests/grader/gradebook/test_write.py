from __future__ import annotations

import csv
import random
import stat
import time
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.gradebook import write_gradebook
from grader.gradebook.entry import Student
from grader.gradebook.frames import GradebookError
from grader.outcome import Place, Verdict
from tests.grader.gradebook.samples import HOSTILE, assignment, classes, entry, report, small

BOTH = {"hw1": assignment("hw1"), "hw2": assignment("hw2")}
STARTS = tuple("=+-@\t\r\n＝＋－＠−")


def table(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def contents(paths):
    return {path.name: path.read_bytes() for path in paths}


def number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_every_file_is_there_and_only_its_writer_reads_it(tmp_path):
    paths = write_gradebook(small(), BOTH, tmp_path / "new" / "book")
    assert sorted(path.name for path in paths) == sorted(path.name for path in (tmp_path / "new" / "book").iterdir())
    assert {path.name for path in paths} >= {"gradebook.csv", "gradebook.xlsx", "gradebook.parquet", "canvas.csv"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


def test_a_row_per_student_and_no_score_is_no_zero(tmp_path):
    write_gradebook(small(), BOTH, tmp_path)
    ada, ben, cem = table(tmp_path / "gradebook.csv")
    assert (ada["hw1"], ada["hw2"], ada["total"], ada["without score"]) == ("20", "18.5", "38.5", "0")
    assert (ada["hw2 adjustment"], ada["hw2 adjustment reason"]) == ("-1.5", "copied a line (tara)")
    assert (ben["hw1"], ben["hw1 deduction"], ben["hw1 deduction reason"]) == ("11", "2", "1 day late")
    assert (ben["hw1 late hours"], ben["hw1: backward"]) == ("2", "3")
    assert (ben["hw2"], ben["hw2 status"], ben["total"], ben["without score"]) == ("", "nothing handed in", "11", "1")
    assert (cem["hw1"], cem["hw1 status"], cem["hw1: forward"], cem["hw1: backward"]) == ("", "not graded", "10", "")
    assert (cem["total"], cem["without score"]) == ("", "2")


def test_places_on_the_leaderboard_are_a_column(tmp_path):
    entries = [entry("ada", report(place=Place("accuracy", 0.875))), entry("ben", report())]
    write_gradebook(entries, {"hw1": assignment("hw1")}, tmp_path)
    ada, ben = table(tmp_path / "gradebook.csv")
    assert (ada["hw1 leaderboard: accuracy"], ben["hw1 leaderboard: accuracy"]) == ("0.875", "")
    write_gradebook(small(), BOTH, tmp_path)
    assert not [name for name in table(tmp_path / "gradebook.csv")[0] if "leaderboard" in name]


def test_parquet_and_excel_say_the_same_as_csv(tmp_path):
    write_gradebook(small(), BOTH, tmp_path)
    plain = pd.read_csv(tmp_path / "gradebook.csv", keep_default_na=False, na_values={"hw1": "", "hw2": ""})
    typed = pd.read_parquet(tmp_path / "gradebook.parquet")
    sheet = pd.read_excel(tmp_path / "gradebook.xlsx", "Grades")
    assert list(plain.columns) == list(typed.columns) == list(sheet.columns)
    for column in ("id", "hw1", "hw2"):
        assert (
            plain[column].fillna(-1).tolist() == typed[column].fillna(-1).tolist() == sheet[column].fillna(-1).tolist()
        )
    assert typed["hw1"].dtype == "float64"
    assert typed["without score"].tolist() == [0, 1, 2]


def test_results_hold_every_check_of_every_student(tmp_path):
    write_gradebook(small(), BOTH, tmp_path)
    results = pd.read_parquet(tmp_path / "results.parquet")
    assert len(results) == 16
    wrong = results[(results["id"] == "ben") & (results["check"] == "c")].iloc[0]
    assert (wrong["verdict"], wrong["score"], wrong["mistake"]) == ("failed", 0, "flipped")
    assert results[results["verdict"] == "infra"]["score"].isna().all()


def test_statistics_are_files_and_sheets(tmp_path):
    write_gradebook(small(), BOTH, tmp_path)
    (mistake,) = table(tmp_path / "mistakes.csv")
    assert (mistake["assignment"], mistake["students"], mistake["of"], mistake["sentence"]) == (
        "hw1",
        "1",
        "2",
        "Your kernel is upside down.",
    )
    checks = {(row["assignment"], row["check"]): row for row in table(tmp_path / "checks.csv")}
    assert (checks["hw1", "c"]["n"], checks["hw1", "c"]["mean"], checks["hw1", "c"]["difficulty"]) == (
        "2",
        "3.5",
        "0.5",
    )
    assert (checks["hw1", "c"]["passed"], checks["hw1", "c"]["failed"]) == ("0.5", "0.5")
    assert (checks["hw1", "a"]["discrimination"], checks["hw1", "a"]["undefined because"]) == (
        "",
        "all 2 have 6 points",
    )
    assert openpyxl.load_workbook(tmp_path / "gradebook.xlsx").sheetnames == ["Grades", "Parts", "Checks", "Mistakes"]


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(classes(("hw1", "hw2")))
def test_no_cell_of_any_file_is_a_formula(tmp_path_factory, entries):
    folder = tmp_path_factory.mktemp("book")
    for path in write_gradebook(entries, BOTH, folder):
        if path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8-sig") as file:
                cells = [cell for row in csv.reader(file) for cell in row]
            assert not [cell for cell in cells if cell.startswith(STARTS) and not number(cell)]
    for sheet in openpyxl.load_workbook(folder / "gradebook.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n")
                assert not (isinstance(cell.value, str) and cell.value.startswith(STARTS) and not number(cell.value))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_harms_no_file(tmp_path, name):
    write_gradebook([entry(Student("1", name, name, name), report(), attempt=name)], {"hw1": assignment()}, tmp_path)
    (row,) = table(tmp_path / "gradebook.csv")
    assert (row["id"], row["hw1"]) == ("1", "20")
    sheet = openpyxl.load_workbook(tmp_path / "gradebook.xlsx")["Grades"]
    assert [cell.value for cell in sheet["A"]] == ["id", "1"]
    assert sheet["A2"].data_type == "s"
    assert pd.read_parquet(tmp_path / "gradebook.parquet")["id"].tolist() == ["1"]


def test_ids_keep_their_zeros(tmp_path):
    write_gradebook([entry(Student("00123", "Ada"), report())], {"hw1": assignment()}, tmp_path)
    assert table(tmp_path / "gradebook.csv")[0]["id"] == "00123"
    assert openpyxl.load_workbook(tmp_path / "gradebook.xlsx")["Grades"]["A2"].value == "00123"
    assert pd.read_parquet(tmp_path / "gradebook.parquet")["id"].tolist() == ["00123"]


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(classes(("hw1", "hw2")), st.integers(0, 99))
def test_the_order_of_entries_changes_no_byte(tmp_path_factory, entries, seed):
    folder = tmp_path_factory.mktemp("book")
    first = contents(write_gradebook(entries, BOTH, folder / "a"))
    shuffled = random.Random(seed).sample(entries, len(entries))
    assert contents(write_gradebook(shuffled, BOTH, folder / "b")) == first


def test_neither_the_time_of_day_nor_the_seconds_of_grading_change_a_byte(tmp_path):
    first = contents(write_gradebook(small(), BOTH, tmp_path / "a"))
    time.sleep(2.1)  # a zip archive's clock ticks every two seconds
    slower = [replace(one, report=one.report and _slower(one.report)) for one in small()]
    assert contents(write_gradebook(slower, BOTH, tmp_path / "b")) == first


def _slower(graded):
    provenance = replace(graded.provenance, seconds=99.0, started_at="2031-01-01T00:00:00Z")
    checks = tuple(check.model_copy(update={"seconds": 9.0}) for check in graded.checks)
    return graded.model_copy(update={"provenance": provenance, "checks": checks})


def test_a_class_without_entries_has_a_gradebook_without_rows(tmp_path):
    write_gradebook([], BOTH, tmp_path)
    assert table(tmp_path / "gradebook.csv") == []
    assert len(table(tmp_path / "canvas.csv")) == 1
    assert openpyxl.load_workbook(tmp_path / "gradebook.xlsx")["Grades"].max_row == 1
    assert len(pd.read_parquet(tmp_path / "results.parquet")) == 0


def test_two_entries_of_a_student_in_one_homework_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(GradebookError, match="student 'ada' has two entries in 'hw1': one must count"):
        write_gradebook([*small(), entry("ada", report())], BOTH, tmp_path / "book")
    with pytest.raises(GradebookError, match="'hw9', which is no homework here"):
        write_gradebook([entry("ada", report(), "hw9")], BOTH, tmp_path / "book")
    assert not (tmp_path / "book").exists()


def test_a_submission_that_could_not_be_taken_in_says_so(tmp_path):
    lost = entry("ada", None, attempt="ada", problem="The archive is damaged.", score=0.0)
    broken = entry("ben", report(dict.fromkeys("abcd", Verdict.BLOCKED)))
    pending = entry("cem", None, attempt="cem", problem="not graded yet")
    write_gradebook([lost, broken, pending], {"hw1": assignment()}, tmp_path)
    ada, ben, cem = table(tmp_path / "gradebook.csv")
    assert (ada["hw1"], ada["hw1 status"], ada["hw1 problem"]) == ("0", "not taken in", "The archive is damaged.")
    assert (ben["hw1"], ben["hw1 status"]) == ("0", "graded")
    assert (cem["hw1"], cem["hw1 status"], cem["hw1 problem"]) == ("", "not graded", "not graded yet")
