from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.gradebook import write_gradebook
from grader.gradebook.entry import Student
from grader.gradebook.lms import decimal
from tests.grader.gradebook.samples import assignment, classes, entry, report, small

BOTH = {"hw1": assignment("hw1"), "hw2": assignment("hw2")}


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_canvas_gets_its_columns_and_its_row_of_maxima(tmp_path):
    write_gradebook(small(), BOTH, tmp_path)
    head, possible, *students = rows(tmp_path / "canvas.csv")
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Layers of hw1", "Layers of hw2"]
    assert possible == ["Points Possible", "", "", "", "", "20", "20"]
    assert students[0] == ["Ada", "", "ada", "ada@example.edu", "A", "20", "18.5"]
    assert [row[5:] for row in students[1:]] == [["11", ""], ["", ""]]


def test_a_number_from_canvas_is_nobodys_sis_id(tmp_path):
    stranger = replace(entry(Student("111", "Eve"), report()), attempt="eve_111")
    write_gradebook([stranger, entry(Student("222", "Ada"), report())], {"hw1": assignment()}, tmp_path)
    found = {row[0]: row[1:3] for row in rows(tmp_path / "canvas.csv")[2:]}
    assert found == {"Eve": ["111", ""], "Ada": ["", "222"]}


def test_canvas_own_numbers_go_where_canvas_looks_for_them(tmp_path):
    write_gradebook([entry(Student("0042", "Ada", canvas_id="991"), report())], {"hw1": assignment()}, tmp_path)
    assert rows(tmp_path / "canvas.csv")[2][:3] == ["Ada", "991", "0042"]


def test_nobody_can_be_taken_for_the_row_of_maxima(tmp_path):
    write_gradebook([entry(Student("1", "Points Possible"), report())], {"hw1": assignment()}, tmp_path)
    assert [row[0] for row in rows(tmp_path / "canvas.csv")[1:]] == ["Points Possible", "Points_Possible"]


def test_homeworks_of_one_title_have_columns_of_their_own(tmp_path):
    alike = {name: one.model_copy(update={"title": "Homework"}) for name, one in BOTH.items()}
    write_gradebook(small(), alike, tmp_path)
    assert rows(tmp_path / "canvas.csv")[0][5:] == ["Homework [hw1]", "Homework [hw2]"]


@pytest.mark.long
@settings(max_examples=30, deadline=None)
@given(classes())
def test_canvas_row_of_maxima_is_the_only_one(tmp_path_factory, entries):
    folder = tmp_path_factory.mktemp("book")
    write_gradebook(entries, {"hw1": assignment()}, folder)
    head, *others = rows(folder / "canvas.csv")
    assert ["Points Possible" in row[0] for row in others] == [True] + [False] * len({e.student.id for e in entries})
    assert {len(row) for row in (head, *others)} == {6}


def test_gradescope_gets_the_columns_of_its_own_download(tmp_path):
    write_gradebook(small(), BOTH, tmp_path)
    head, ada, ben, cem = rows(tmp_path / "gradescope-hw1.csv")
    assert head[:5] == ["First Name", "Last Name", "SID", "Email", "Sections"]
    assert head[5:11] == ["Total Score", "Max Points", "Status", "Submission ID", "Submission Time", "Lateness (H:M:S)"]
    assert head[11:13] == ["View Count", "Submission Count"]
    assert head[13:] == ["1: Forward (10.0 pts)", "2: Backward (10.0 pts)"]
    assert ada[:11] == ["Ada", "", "ada", "ada@example.edu", "A", "20", "20", "Graded", "ada", "", "00:00:00"]
    assert ada[11:] == ["", "1", "10", "10"]
    assert ben[5:] == ["11", "20", "Graded", "ben", "2030-04-01 12:00:00 +0000", "02:00:00", "", "1", "10", "3"]
    assert (cem[5], cem[7], cem[14]) == ("", "Ungraded", "")
    assert rows(tmp_path / "gradescope-hw2.csv")[2][5:9] == ["", "20", "Missing", ""]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Lovelace, Ada King", "Ada King", "Lovelace"),
        ("Ana de la Cruz", "Ana de la", "Cruz"),
        ("Ada", "Ada", ""),
        ("", "", ""),
    ],
)
def test_names_are_split_before_the_last_word_or_at_the_comma(tmp_path, name, first, last):
    write_gradebook([entry(Student("1", name), report())], {"hw1": assignment()}, tmp_path)
    assert rows(tmp_path / "gradescope-hw1.csv")[1][:2] == [first, last]


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_points_have_two_decimals_at_most(score):
    text = decimal(score)
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", text)
    assert text != "-0"
    assert float(text) == pytest.approx(score, abs=0.00501)


def test_no_points_are_no_zero():
    assert (decimal(None), decimal(0.0), decimal(-0.001), decimal(100.0), decimal(1e-9)) == ("", "0", "0", "100", "0")
