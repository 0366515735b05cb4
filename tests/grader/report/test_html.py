from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.outcome import Verdict
from grader.report.build import build, student_view
from grader.report.html import draw, prose, render
from tests.grader.report.samples import BEFORE, HOSTILE, grade, outcome, wrong_tensor

VOID = {"meta"}


class Page(HTMLParser):
    """What a browser would find: elements, attributes, text; fails on elements that do not nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="session")
def student(staff, assignment):
    return student_view(staff, assignment, BEFORE)


def test_the_page_is_whole(student, staff, hostile, infra):
    for report in (student, staff, hostile, infra):
        Page(render(report))


def test_the_policy_allows_the_one_style_sheet_and_nothing_else(student):
    page = render(student)
    policy = next(a["content"] for t, a in Page(page).elements if a.get("http-equiv") == "Content-Security-Policy")
    sheet = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_page_loads_and_runs_nothing(student, staff):
    for report in (student, staff):
        page = render(report)
        assert "http://" not in page
        assert "https://" not in page
        assert "url(" not in page
        assert "@import" not in page
        for tag, attributes in Page(page).elements:
            assert tag not in {"script", "img", "iframe", "link", "object", "embed", "form", "base"}
            assert not [name for name in attributes if name.startswith("on") or name in {"style", "src"}]
            assert (attributes.get("href") or "#").startswith("#")


def test_a_hostile_submission_adds_no_element(hostile, raw, assignment):
    for report in (hostile, raw, student_view(hostile, assignment, BEFORE)):
        page = render(report)
        seen = Page(page)
        assert not {tag for tag, _ in seen.elements} & {"script", "img"}
        assert page.count("</style>") == 1
        assert "<script>alert(1)</script>" in seen.text
        assert "{{ 7*7 }}" in seen.text
        assert not set(page) & set("\x1b\x00\x9b\u202e\u2066\udc80")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_text_of_a_submission_changes_the_pages_elements(assignment, text):
    def elements(text):
        bad = outcome("d", "backward", verdict=Verdict.ERROR, message=f"x{text.replace('`', '')}")
        outcomes = (outcome("a"), outcome("b"), outcome("c", "backward"), bad)
        page = render(build(assignment, grade(*outcomes, submission=f"x{text}", problem=f"x{text}")))
        return [tag for tag, _ in Page(page).elements]

    assert elements(text) == elements("")


@given(st.text(alphabet=st.sampled_from('a`<>&\n "'), max_size=30))
def test_prose_keeps_the_words_and_escapes_the_rest(text):
    page = Page(str(prose(text)))
    assert page.text.replace("`", "") == text.replace("`", "")
    assert {tag for tag, _ in page.elements} <= {"code"}


def test_prose_sets_backticked_words_as_code():
    assert prose("`dx` is <b>") == "<code>dx</code> is &lt;b&gt;"


def test_the_students_page_shows_score_and_diagnosis_and_no_banner(student):
    page = Page(render(student))
    assert "15 / 20" in page.text
    assert "What this looks like" in page.text
    assert "Your kernel is upside down." in page.text
    assert "Wrong answer" in page.text
    assert "do not hand out" not in page.text
    assert "c0ffee" not in page.text
    assert "Traceback" not in page.text


def test_the_staffs_page_says_what_it_is(staff):
    page = Page(render(staff))
    assert "Staff view — do not hand out." in page.text
    assert "STAFF VIEW" in page.text.split("\n:root")[0]
    assert "c0ffee" in page.text
    assert "Traceback: x = 1" in page.text


def test_what_is_withheld_is_counted(assignment):
    checks = (outcome("a", visibility="hidden"), outcome("b"), outcome("c", "backward"), outcome("d", "backward"))
    page = Page(render(student_view(build(assignment, grade(*checks)), assignment, BEFORE)))
    assert "Not shown here: 1 check worth 5 points." in page.text


def test_without_a_score_the_page_says_whose_fault_it_is(infra_student):
    page = Page(render(infra_student))
    assert "Not graded: the grader failed, not you." in page.text
    assert "the staff will grade this submission again" in page.text
    assert "– / 20" in page.text
    assert "0 / 20" not in page.text


def test_checks_of_an_unknown_part_are_not_lost(assignment):
    page = Page(render(build(assignment, grade(outcome("a", "elsewhere", verdict=Verdict.FAILED)))))
    assert "Sentence of a." in page.text


def test_every_verdict_has_an_icon_and_a_word(assignment):
    outcomes = [outcome(verdict.value, verdict=verdict) for verdict in Verdict]
    page = Page(render(build(assignment, grade(*outcomes))))
    symbols = {a["id"] for tag, a in page.elements if tag == "symbol"}
    assert symbols == {f"i-{verdict.value}" for verdict in Verdict}
    assert {a["href"][1:] for tag, a in page.elements if tag == "use"} == symbols


def cells(drawing):
    """The levels that the paths of a drawing paint, cell by cell."""
    painted = {}
    for level, path in drawing.paths.items():
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
            for i in range(int(width)):
                assert (int(y), int(x) + i) not in painted
                painted[int(y), int(x) + i] = level
    return painted


@given(
    st.integers(2, 9).flatmap(
        lambda columns: st.lists(st.tuples(*[st.integers(0, 9)] * columns), min_size=1, max_size=9).map(tuple)
    )
)
def test_a_drawing_paints_every_cell_once_in_its_level(levels):
    drawing = draw(wrong_tensor(error_map=levels, expected_shape=(2, 3, len(levels), len(levels[0]))))
    assert cells(drawing) == {(y, x): level for y, row in enumerate(levels) for x, level in enumerate(row)}


def test_a_drawing_says_what_its_cells_are():
    drawing = draw(wrong_tensor(error_map=((1,) * 28,) * 24, expected_shape=(3, 2, 48, 56)))
    assert drawing.caption == "Worst over batch and channels. A cell is 2 × 2 elements."
    assert (drawing.row_axis, drawing.column_axis) == ("rows 0–47", "columns 0–55")
    vector = draw(wrong_tensor(error_map=((1, 0, 2),), expected_shape=(3,)))
    assert (vector.caption, vector.row_axis, vector.column_axis) == ("", "", "elements 0–2")


@pytest.mark.parametrize("levels", [(), ((3,),)])
def test_no_drawing_of_nothing_or_of_a_single_cell(levels):
    assert draw(wrong_tensor(error_map=levels)) is None


def test_the_hostile_sample_is_hostile():
    assert all(piece in HOSTILE for piece in ("<script>", "javascript:", "\x1b[31m", "\u202e", "</style>"))
