from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from grader.commands.selfcheck.matrix import Matrix, Row
from grader.commands.selfcheck.page import SIDE, draw, render
from grader.outcome import Check, Verdict
from tests.grader.report.samples import HOSTILE
from tests.grader.report.test_html import Page

CHECKS = tuple(
    Check(f"test_{name}", part, f"Sentence of {name}.", 2)
    for name, part in (("a", "forward"), ("b", "forward"), ("c", "backward"), ("d", "backward"))
)
PASSED, FAILED = Verdict.PASSED, Verdict.FAILED


def row(kind: str, name: str, *verdicts: Verdict, diagnoses: tuple[str, ...] = ("", "", "", ""), **more) -> Row:
    return Row(kind, name, 2.0 * verdicts.count(PASSED), verdicts, diagnoses, **more)


@pytest.fixture
def matrix() -> Matrix:
    flipped = {"parts": ("forward",), "family": "flipped"}
    rows = [
        row("reference", "reference", PASSED, PASSED, PASSED, PASSED),
        row("alternative", "loops", PASSED, PASSED, PASSED, PASSED),
        row("starter", "starter", FAILED, FAILED, FAILED, FAILED, parts=("forward", "backward")),
        row("mistake", "averaged", PASSED, PASSED, FAILED, FAILED, parts=("backward",), family="averaged"),
        row("mistake", "flipped", FAILED, FAILED, PASSED, FAILED, diagnoses=("flipped", "", "", ""), **flipped),
    ]
    return Matrix("hw1", "Homework 1", 8, CHECKS, rows, ["mistake flipped loses points in backward too"], 1.5)


def titles(page: str) -> list[str]:
    return re.findall(r"<title>(.*?)</title>", page, re.DOTALL)


def test_the_page_is_whole_and_loads_nothing(matrix):
    page = render([matrix, replace(matrix, homework="hw2", faults=[])])
    elements = Page(page).elements
    assert {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "style", "base"} == {"style"}
    assert not any("style" in attributes for _, attributes in elements)
    links = [value for _, attributes in elements for name, value in attributes.items() if name in ("href", "src")]
    assert set(links) <= {"#c-p", "#c-d", "#c-l", "#c-a", "#c-n", "#c-u"}


def test_the_policy_allows_the_one_style_sheet_and_nothing_else(matrix):
    page = render([matrix])
    policy = next(a["content"] for _, a in Page(page).elements if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_what_falls_short_stands_on_top(matrix):
    text = Page(render([matrix])).text
    assert "hw1 falls short in 1 way" in text
    assert "mistake flipped loses points in backward too" in text
    assert "hw1 grades as declared" in Page(render([replace(matrix, faults=[])])).text


def test_every_check_and_every_lost_one_tells_a_pointer_what_it_is(matrix):
    found = titles(render([matrix]))
    assert "forward: test_a, 2 points\nSentence of a." in found
    assert "flipped\nforward: test_a\nfailed, diagnosed as flipped" in found
    assert "flipped\nbackward: test_d\nfailed" in found
    assert "mistake flipped, loses points in forward" in found
    lost = sum(verdict is not PASSED for solution in matrix.rows for verdict in solution.verdicts)
    assert len(found) == 1 + len(CHECKS) + lost + len(matrix.rows)  # 1: the page's own


def test_cells_differ_by_shape_and_not_by_colour_alone(matrix):
    lines = {line.name: [symbol for symbol, _, _ in line.cells] for line in draw(matrix).lines}
    assert lines == {
        "reference": [],
        "loops": [],
        "starter": ["l", "l", "l", "l"],
        "averaged": ["l", "l"],
        "flipped": ["d", "l", "a"],
    }


def test_a_verdict_that_is_the_graders_fault_has_its_own_mark(matrix):
    matrix.rows[0] = replace(matrix.rows[0], verdicts=(Verdict.INFRA, PASSED, PASSED, PASSED))
    assert [symbol for symbol, _, _ in draw(matrix).lines[0].cells] == ["u"]


def test_passed_checks_are_dots_where_their_row_and_column_cross(matrix):
    picture = draw(matrix)
    assert picture.dots.count("M") == 4 + 4 + 2 + 1
    first = picture.lines[0]
    assert picture.dots.startswith(f"M{SIDE / 2:g} {first.y + SIDE / 2:g}h0")


def test_mistakes_are_grouped_by_their_first_part_in_the_order_of_the_columns(matrix):
    picture = draw(matrix)
    assert [text for _, text in picture.headings] == ["correct", "starter", "forward: 1 mistake", "backward: 1 mistake"]
    assert [line.name for line in picture.lines] == ["reference", "loops", "starter", "flipped", "averaged"]
    ys = [line.y for line in picture.lines]
    assert ys == sorted(set(ys))
    assert picture.height > ys[-1] + SIDE


def test_parts_stand_side_by_side_without_overlap():
    names = ("a", "part_with_a_long_name", "b")
    checks = tuple(Check(f"test_{name}", name, "", 1) for name in names)
    picture = draw(Matrix("hw1", "Homework 1", 3, checks))
    assert [band.name for band in picture.bands] == list(names)
    assert picture.bands[2].x - picture.bands[1].x > 6 * len(names[1])


def test_names_are_escaped(matrix):
    matrix.rows.append(row("mistake", HOSTILE, FAILED, FAILED, PASSED, PASSED, parts=("forward",), family=HOSTILE))
    matrix.faults.append(HOSTILE)
    page = render([matrix])
    assert not {tag for tag, _ in Page(page).elements} & {"script", "img"}
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page


def test_a_homework_without_rows_has_a_page():
    Page(render([Matrix("hw1", "Homework 1", 3, CHECKS)]))
    Page(render([]))
