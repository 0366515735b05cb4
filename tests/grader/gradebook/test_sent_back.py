"""What platforms gave goes back to them as they know it."""

from __future__ import annotations

from dataclasses import replace

from grader.gradebook.entry import Entry, Student
from grader.gradebook.sent_back import canvas_title, worksheet
from grader.gradebook.write import write_gradebook
from tests.grader.gradebook.samples import assignment, entry, report

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,{} (123),Other (124)\n"
SHEET = (
    'Identifier;"Full name";"Email address";Grade;"Maximum grade";"Last modified (submission)";More\n'
    '"Participant 61001";"Ada Lee";a@x.example;;100.00;-;x\n'
    '"Participant 61002";"Ada Lee";b@x.example;7;100.00;-;y\n'
    '"Participant 61003";"Ben Roe";c@x.example;;100.00;-;z\n'
)


def test_canvas_column_is_found_by_the_homeworks_title():
    one = assignment()
    assert canvas_title(CANVAS.format(one.title), one) == f"{one.title} (123)"
    assert canvas_title(CANVAS.format("Else"), one) == ""
    assert canvas_title("id,name\n", one) == ""


def test_canvas_csv_has_the_column_with_its_id(tmp_path):
    one = assignment()
    made = [entry(Student("1", "Ada"), report())]
    write_gradebook(made, {"hw1": one}, tmp_path, {"hw1": CANVAS.format(one.title)})
    assert (
        (tmp_path / "canvas.csv")
        .read_text()
        .startswith(f"Student,ID,SIS User ID,SIS Login ID,Section,{one.title} (123)\n")
    )


def test_moodles_worksheet_is_filled_in_by_its_own_numbers():
    ada, other = (
        Student("a@x.example", "Ada Lee", participant="61001"),
        Student("b@x.example", "Ada Lee", participant="61002"),
    )
    entries = [
        Entry(ada, "hw1", 20, score=15),
        Entry(other, "hw1", 20, score=None),
        Entry(Student("c@x.example"), "hw1", 20, score=0),
    ]
    lines = worksheet(SHEET, entries).splitlines()
    assert lines[0] == "Identifier;Full name;Email address;Grade;Maximum grade;Last modified (submission);More"
    assert [line.split(";")[3] for line in lines[1:]] == ["75", "7", "0"]
    assert lines[1].endswith(";x")
    assert worksheet("id,name\n1,Ada\n", entries) is None
    assert worksheet("", [replace(entries[0])]) is None
