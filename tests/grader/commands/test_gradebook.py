"""The command, and the whole way from submissions that are really graded."""

from __future__ import annotations

import csv
from urllib.parse import unquote

import pandas as pd
import pytest
from click.testing import CliRunner

from grader.commands import gradebook as command
from grader.commands.cli import main
from grader.gradebook import write_class_page, write_gradebook
from grader.gradebook.entry import Entry, Student
from grader.gradebook.statistics import analyse
from grader.intake.submission import Rejected
from grader.outcome import Verdict
from grader.report.build import build
from tests.grader import toy as toys

MISTAKES = {"squares": '"""You square."""\n\nPARTS = ("double",)\n\n\ndef double(x):\n    return x * x\n'}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, warm):
    """Entries of a class of the toy homework whose submissions ran in the sandbox."""
    toy = toys.homework(tmp_path_factory.mktemp("graded"), mistakes=MISTAKES)
    submissions = [
        *(toys.correct(f"right-{i}") for i in range(3)),
        *(toys.submission(toys.REFERENCE + MISTAKES["squares"], f"squares-{i}") for i in range(2)),
        toys.with_double("raise ValueError('=cmd()')"),
        toys.submission("def double(x)\n", "broken"),
        Rejected("lost", "lost", "The archive is damaged."),
    ]
    zygote = warm("namespaces")
    gradings = toys.grade_all(toy, zygote, *submissions)
    entries = []
    for grading in gradings:
        name = grading.submission
        report = build(toy.assignment, grading)
        page = f"{name}/report.html"
        entries.append(Entry(Student(name), "toy", 6, report, attempt=name, attempts=1, score=report.score, page=page))
    return toy, entries


def test_a_class_that_was_graded_has_a_gradebook_and_a_page(graded, tmp_path):
    toy, entries = graded
    write_gradebook(entries, {"toy": toy.assignment}, tmp_path)
    write_class_page(entries, {"toy": toy.assignment}, tmp_path / "class.html")
    with (tmp_path / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        scores = {row["id"]: row["toy"] for row in csv.DictReader(file)}
    assert scores == {
        **dict.fromkeys(("right-0", "right-1", "right-2"), "6"),
        **dict.fromkeys(("squares-0", "squares-1", "somebody"), "2"),
        "broken": "0",
        "lost": "0",
    }
    results = pd.read_parquet(tmp_path / "results.parquet")
    assert set(results[results["id"] == "somebody"]["verdict"]) == {"error", "passed"}
    analysis = analyse(entries, "toy")
    assert (analysis.n, analysis.left_out) == (6, 2)
    assert [(one.name, one.sentence, one.students) for one in analysis.mistakes] == [("squares", "You square.", 2)]
    doubles = next(part for part in analysis.parts if part.name == "double")
    assert (doubles.difficulty, round(doubles.verdicts[Verdict.PASSED], 6)) == (0.5, 0.5)
    page = (tmp_path / "class.html").read_text("utf-8")
    assert "You square." in page
    assert 'href="./squares-0/report.html"' in page


def test_the_command_writes_both_with_links_from_where_the_page_lies(graded, tmp_path, monkeypatch):
    toy, entries = graded
    monkeypatch.setattr(command, "read_run", lambda folder: (entries, toy.assignment))
    (tmp_path / "runs" / "toy").mkdir(parents=True)
    ended = CliRunner().invoke(
        main, ["gradebook", str(tmp_path / "runs" / "toy"), "-o", str(tmp_path / "out" / "term")]
    )
    assert ended.exit_code == 0, ended.output
    assert "8 students, 1 homework" in ended.output
    page = (tmp_path / "out" / "term" / "class.html").read_text("utf-8")
    assert 'href="./../../runs/toy/squares-0/report.html"' in unquote(page)
    assert (tmp_path / "out" / "term" / "gradebook" / "gradebook.xlsx").exists()
    twice = CliRunner().invoke(
        main, ["gradebook", str(tmp_path / "runs"), str(tmp_path / "runs" / "toy"), "-o", str(tmp_path)]
    )
    assert twice.exit_code == 2
    assert "two of these folders hold a run of toy" in twice.output


def test_a_folder_without_a_ledger_is_a_sentence(tmp_path):
    ended = CliRunner().invoke(main, ["gradebook", str(tmp_path), "-o", str(tmp_path / "out")])
    assert ended.exit_code == 2
    assert "holds no run's ledger" in ended.output
    assert not (tmp_path / "out").exists()
