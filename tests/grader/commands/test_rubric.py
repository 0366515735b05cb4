"""A part that people mark: a sheet out of a run, filled in, and back; what reports, gradebook and class page say then."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.commands.cli import main
from grader.commands.regrade import compared
from tests.grader.commands.runs import NOW, give, made, opened, report
from tests.grader.course import ASSIGNMENT, REFERENCE, require_isolation, write_course

BY_HAND = """
[[parts]]
name = "essay"
title = "Written report"
points = 4
graded = "by hand"

[[parts.items]]
name = "no_figure"
points = -1
text = "No figure shows the result."

[[parts.items]]
name = "no_source"
points = -0.5
text = "No source is named."
"""
WITH_ESSAY = ASSIGNMENT.replace("points = 5", "points = 9", 1) + BY_HAND
PEOPLE = [Person("s1", "Ada Lee"), Person("s2", "=cmd()"), Person("s3", "Cy Wu")]
TITLES = ["id", "name", "section", "team", "hand_in", "no_figure", "no_source", "comment", "marked_by", "mark"]


@pytest.fixture
def run(tmp_path) -> Path:
    """A run of two students, with 5 and 3 points of the checks, and of one who handed nothing in."""
    write_course(tmp_path / "course", assignment=WITH_ESSAY)
    return made(tmp_path / "run", [HandIn("s1", "", "s1"), HandIn("s2", "", "s2")], PEOPLE, {"s1": 5, "s2": 3})


def command(*arguments: object) -> str:
    ended = CliRunner().invoke(main, ["rubric", *map(str, arguments)], terminal_width=200)
    assert ended.exit_code == 0, ended.output
    return ended.output


def refused(*arguments: object) -> str:
    ended = CliRunner().invoke(main, ["rubric", *map(str, arguments)])
    assert ended.exit_code == 2, ended.output
    return ended.output


def exported(run: Path) -> list[dict[str, str]]:
    command(run, "-o", run.parent / "sheet.csv")
    with (run.parent / "sheet.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def filled(run: Path, rows: list[dict[str, str]]) -> Path:
    path = run.parent / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def mark(run: Path, **students: dict[str, str]) -> str:
    """Take in a fresh sheet in which these students have these cells."""
    rows = [row | students.get(row["id"], {}) for row in exported(run)]
    return command(run, "--import", filled(run, rows), "--by", "ta")


def gradebook(run: Path) -> dict[str, dict[str, str]]:
    with (run / "gradebook" / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def reprice(run: Path, old: str, new: str) -> None:
    path = run.parent / "course" / "assignments" / "hw0" / "assignment.toml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_before_it_is_marked_nobody_has_a_score_and_everything_says_why(run):
    said = command(run)
    assert "Written report: 0 of 3 students marked" in said
    page, markdown = ((run / "s1" / name).read_text("utf-8") for name in ("report.html", "report.md"))
    assert "# Warm-up: 5 / 9 so far" in markdown
    assert "| Written report | not marked yet |" in markdown
    assert "Written report (4 points) is not marked yet" in page
    results = json.loads((run / "s1" / "results.json").read_text("utf-8"))
    assert results["score"] == 5
    assert "Written report (4 points) is not marked yet" in results["output"]
    assert "score" not in results["tests"][-1]
    row = gradebook(run)["s1"]
    assert (row["hw0"], row["hw0 status"], row["hw0: essay"], row["total"]) == ("", "not marked yet", "", "")
    assert row["hw0: double"] == "3"
    with (run / "gradebook" / "canvas.csv").open(newline="") as file:
        assert [line["Warm-up"] for line in csv.DictReader(file)] == ["9", "", "", ""]
    assert "not marked yet" in (run / "class.html").read_text("utf-8")


def test_a_sheet_goes_out_and_comes_back(run):
    rows = exported(run)
    assert list(rows[0]) == TITLES
    assert [row["id"] for row in rows] == ["s2", "s1", "s3"]
    assert rows[0]["name"] == "'=cmd()"
    said = mark(run, s1={"no_figure": "x", "comment": "See page 3."}, s2={"marked_by": "Ben"})
    assert re.search(r"Ada Lee \(s1\) +not marked yet +3: no_figure; “See page 3.”", said)
    assert re.search(r"\(s2\) +not marked yet +4: no item", said)
    assert "Written report: 2 of 3 students marked, mean 3.5 / 4" in said
    both = gradebook(run)
    assert [both["s1"][name] for name in ("hw0", "hw0 status", "hw0: essay")] == ["8", "graded", "3"]
    said = [both["s1"][f"hw0: essay {name}"] for name in ("items", "comment", "marked by")]
    assert said == ["no_figure", "See page 3.", "ta"]
    assert (both["s2"]["hw0"], both["s3"]["hw0"]) == ("7", "")
    page, staff = ((run / place / "s1" / "report.html").read_text("utf-8") for place in ("", "_staff"))
    for each in (page, staff, (run / "s1" / "report.md").read_text("utf-8")):
        assert "No figure shows the result" in each
        assert "See page 3" in each
    assert "Marked by ta" in staff
    assert "Marked by" not in page
    results = json.loads((run / "s1" / "results.json").read_text("utf-8"))
    assert (results["score"], results["tests"][-1]["score"], results["tests"][-1]["max_score"]) == (8, 3, 4)
    assert results["tests"][-1]["output"] == "No figure shows the result. (\N{MINUS SIGN}1)\nSee page 3."
    page = (run / "class.html").read_text("utf-8")
    assert "Written report: 2 of 3 students marked" in page
    assert '<th scope="row">No figure shows the result.</th><td>-1</td><td>1</td>' in page
    assert "See page 3. · Marked by ta." in page


def test_the_same_sheet_again_changes_nothing(run):
    mark(run, s1={"no_figure": "1", "comment": "=1+1"})
    assert exported(run)[1]["comment"] == "'=1+1"
    assert "the sheet says what the run says" in command(run, "--import", run.parent / "sheet.csv")
    with opened(run) as classrun:
        assert [one.mark.comment for one in classrun.ledger.marks(classrun.run) if one.mark] == ["=1+1"]


def test_a_new_price_holds_for_everybody_who_has_the_item(run):
    mark(run, s1={"no_figure": "x"}, s2={"no_figure": "x", "no_source": "x"})
    assert [gradebook(run)[one]["hw0"] for one in ("s1", "s2")] == ["8", "5.5"]
    reprice(run, "points = -1", "points = -2.5")
    command(run)
    assert [gradebook(run)[one]["hw0"] for one in ("s1", "s2")] == ["6.5", "4"]
    assert "\N{MINUS SIGN}2\\.5" in (run / "s1" / "report.md").read_text("utf-8")


def test_an_item_that_is_gone_has_no_price_and_is_named(run):
    mark(run, s1={"no_figure": "x"})
    reprice(run, "no_figure", "no_picture")
    assert "no item of assignment.toml any more: no_figure" in command(run)
    assert gradebook(run)["s1"]["hw0"] == "9"


def test_a_regrade_and_a_new_attempt_keep_marks(run):
    mark(run, s1={"no_figure": "x"})
    with opened(run) as classrun:
        give(classrun, {"s1": 4})
        classrun.settle(NOW)
        entries = {one.student.id: one for one in classrun.settle(NOW).entries}
    assert (entries["s1"].score, entries["s1"].report.parts[2].score) == (7, 3)


def test_the_preview_of_a_regrade_counts_points_of_who_is_not_marked_yet(run):
    with opened(run) as classrun:
        kept = classrun.ledger.hand_ins(classrun.run)
        other = classrun.ledger.add_grade("0" * 64, classrun.key, report(classrun, "s1", 4), NOW)
        (change,) = compared(classrun, kept, {kept[0].id: other})
    assert (change.student, change.before, change.after) == ("s1", 5, 4)


def test_feedback_says_that_a_part_waits(run):
    ended = CliRunner().invoke(main, ["feedback", str(run), "-o", str(run.parent / "back")])
    assert ended.exit_code == 0, ended.output
    index = (run.parent / "back" / "index.csv").read_text("utf-8-sig")
    assert re.search(r"^s1,Ada Lee,,,9,not marked yet,", index, re.MULTILINE)


def test_who_handed_nothing_in_can_be_marked(run):
    mark(run, s3={"no_figure": "x"})
    row = gradebook(run)["s3"]
    assert [row[name] for name in ("hw0", "hw0 status", "hw0: essay")] == ["3", "nothing handed in", "3"]


def test_a_mark_is_taken_back_and_stays_in_the_history(run):
    mark(run, s1={"no_figure": "x"})
    assert re.search(r"3: no_figure +not marked yet", mark(run, s1={"marked_by": "-"}))
    assert gradebook(run)["s1"]["hw0 status"] == "not marked yet"
    ended = CliRunner().invoke(main, ["history", str(run), "s1"], terminal_width=200)
    assert "marked by ta: no_figure" in " ".join(ended.output.split())
    assert "taken back by ta" in " ".join(ended.output.split())


def test_rows_of_other_tas_stay_as_they_are(run):
    first = exported(run)
    mark(run, s1={"no_figure": "x"})
    said = command(run, "--import", filled(run, [row | {"no_source": "x"} for row in first if row["id"] == "s2"]))
    assert "1 mark changed" in said
    said = command(run, "--import", filled(run, first))  # empty rows say nothing
    assert "the sheet says what the run says" in said
    assert (gradebook(run)["s1"]["hw0"], gradebook(run)["s2"]["hw0"]) == ("8", "6.5")


def test_a_sheet_from_before_another_mark_does_not_overwrite_it(run):
    mark(run, s1={"no_figure": "x"})
    old = exported(run)
    mark(run, s1={"no_figure": "", "no_source": "x"})
    assert "the sheet says what the run says" in command(run, "--import", filled(run, old))
    changed = [row | ({"comment": "mine"} if row["id"] == "s1" else {}) for row in old]
    assert "ta marked it after this sheet was written" in refused(run, "--import", filled(run, changed))
    assert gradebook(run)["s1"]["hw0"] == "8.5"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"id": "s9"}, "line 3: nobody in this run has the id s9"),
        ({"id": "s2", "marked_by": "ta"}, "line 3: s2 is there twice, first in line 2. Keep one."),
        ({"no_figure": "-2"}, "line 3, s1: '-2' at no_figure is neither x nor 1"),
        ({"comment": "Well."}, "line 3, s1: a comment, but no item"),
        ({"comment": "x" * 2_001, "no_figure": "x"}, "a comment has at most 2,000 characters"),
        ({"typo": "x"}, "the column typo is no item of “Written report”, which has no_figure, no_source"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_noted(run, cells, said):
    rows = exported(run)
    rows = [row | {name: "" for name in cells if name not in row} for row in rows]
    rows = [rows[0] | {"no_source": "x"}, rows[1] | cells, *rows[2:]]
    assert said in " ".join(refused(run, "--import", filled(run, rows)).split())
    with opened(run) as classrun:
        assert classrun.ledger.marks(classrun.run) == []


def test_a_sheet_without_an_item_is_refused(run):
    rows = [{name: cell for name, cell in row.items() if name != "no_source"} for row in exported(run)]
    assert "there is no column no_source" in refused(run, "--import", filled(run, rows))


def test_excel_goes_out_and_comes_back(run):
    path = run.parent / "sheet.xlsx"
    command(run, "-o", path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == TITLES
    sheet["F3"], sheet["G4"], sheet["H3"] = 1, True, "Fine, but."
    book.save(path)
    said = command(run, "--import", path, "--by", "ta")
    assert re.search(r"\(s1\) +not marked yet +3: no_figure; “Fine, but.”", said)
    assert re.search(r"\(s3\) +not marked yet +3.5: no_source", said)


def test_a_team_is_marked_together(tmp_path):
    write_course(tmp_path / "course", assignment=WITH_ESSAY)
    people = [Person("s1", team="a"), Person("s2", team="a"), Person("s3")]
    run = made(tmp_path / "run", [HandIn("s1", "", "s1")], people, {"s1": 5})
    with opened(run) as classrun:
        classrun.ledger.assign(classrun.run, {"s1": ["s1", "s2"]})
    assert "2 marks changed" in mark(run, s1={"no_figure": "x"})
    assert [gradebook(run)[one]["hw0"] for one in ("s1", "s2")] == ["8", "8"]
    rows = [row | {"no_source": "x" if row["id"] == "s1" else "", "no_figure": ""} for row in exported(run)]
    assert "s1 and s2 hand in together, and are marked differently" in " ".join(
        refused(run, "--import", filled(run, rows)).split()
    )


def test_a_gradebook_without_names_has_no_comment_and_no_name_of_staff(run):
    mark(run, s1={"no_figure": "x", "comment": "Ada, see page 3.", "marked_by": "Tom Ate"})
    ended = CliRunner().invoke(main, ["gradebook", str(run), "--anonymous", "-o", str(run.parent / "out")])
    assert ended.exit_code == 0, ended.output
    for path in (run.parent / "out" / "class.html", run.parent / "out" / "gradebook" / "gradebook.csv"):
        text = path.read_text("utf-8-sig")
        assert "no_figure" in text or "No figure" in text
        assert "page 3" not in text
        assert "Tom" not in text


def test_a_homework_without_such_a_part_says_so(tmp_path):
    run = made(tmp_path / "run", [HandIn("s1", "", "s1")], PEOPLE[:1], {"s1": 5})
    assert "hw0 has no part that is graded by hand" in refused(run, "-o", tmp_path / "sheet.csv")


@pytest.mark.long
def test_a_class_that_is_really_graded_is_marked(tmp_path):
    require_isolation()
    course = write_course(tmp_path / "course", assignment=WITH_ESSAY)
    for name, source in {"ada": REFERENCE, "ben": REFERENCE.replace("x + 1", "x + 2")}.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "hw0.py").write_text(source, "utf-8")
    run = tmp_path / "run"
    grade = [sys.executable, "-m", "grader", "grade", "hw0", tmp_path / "class", "-o", run, "--course", course]
    said = subprocess.run(grade, check=True, capture_output=True, text=True).stdout
    assert "2 students: 2 not fully marked." in said
    mark(run, ada={"no_source": "x"}, ben={"marked_by": "ta"})
    reprice(run, "points = -0.5", "points = -0.25")
    subprocess.run(grade, check=True, capture_output=True, text=True)
    assert {one: row["hw0"] for one, row in gradebook(run).items()} == {"ada": "8.75", "ben": "7"}
    replay = [sys.executable, "-m", "grader", "replay", run / "_staff" / "ada" / "report.json"]
    assert "the same, bit for bit" in subprocess.run(replay, check=False, capture_output=True, text=True).stdout


def test_what_is_made_of_a_homework_takes_such_a_part(tmp_path):
    course = write_course(tmp_path / "course", assignment=WITH_ESSAY)
    for asked in (["starter", "hw0"], ["release", "hw0", "-o", str(tmp_path / "dist")]):
        ended = CliRunner().invoke(main, [*asked, "--course", str(course)])
        assert ended.exit_code == 0, ended.output


@pytest.mark.long
def test_a_self_check_takes_such_a_part(tmp_path):
    require_isolation()
    course = write_course(tmp_path / "course", assignment=WITH_ESSAY)
    selfcheck = [sys.executable, "-m", "grader", "selfcheck", "hw0", "--course", course, "-j", "1"]
    ended = subprocess.run(selfcheck, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
