from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.outcome import Verdict
from grader.report.build import build, student_view
from grader.report.markdown import code, escape, fence, prose, render
from tests.grader.report.samples import BEFORE, HOSTILE, grade, outcome

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
pieces = st.one_of(
    st.sampled_from([*"`|\\[]()<>!#*_~&;:@-=+1. \n\t", "\n```", "\n````\n", "](x)", "<b>"]), st.characters()
)
nasty = st.lists(pieces, max_size=40).map("".join)


def tokens(text):
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def kinds(text):
    return [token.type for token in tokens(text)]


def test_no_link_image_or_html_gets_through(hostile, raw, assignment):
    for report in (hostile, raw, student_view(hostile, assignment, BEFORE)):
        text = render(report)
        assert not set(kinds(text)) & {"link_open", "image", "html_inline", "html_block"}
        assert not set(text) & set("\x1b\x00\u202e\u2066\udc80")


@given(nasty)
def test_escaped_text_is_only_text(text):
    assert set(kinds(f"x {escape(text)} x")) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


@given(nasty)
def test_prose_starts_no_block(text):
    inside = {"text", "text_special", "code_inline"}
    frame = {"bullet_list_open", "list_item_open", "paragraph_open", "inline"}
    assert set(kinds(f"- {prose(text)}")) <= inside | frame | {kind.replace("open", "close") for kind in frame}


@pytest.mark.parametrize("text", [" - x", "1. x", " 12) x", "+ x", "> x", "# x", "    x", "***", "~~~"])
def test_no_list_quote_heading_or_code_begins_within_an_item(text):
    blocks = [kind for kind in kinds(f"- {prose(text)}") if kind.endswith("_open")]
    assert blocks == ["bullet_list_open", "list_item_open", "paragraph_open"]


def test_prose_sets_backticked_words_as_code():
    assert prose("`dx_1` is not a_b.") == "`dx_1` is not a\\_b."


@given(nasty)
def test_escaped_text_stays_in_its_cell(text):
    table = f"| a | b |\n| --- | --- |\n| x{escape(text)} | y |"
    assert kinds(table).count("td_open") == 2
    assert kinds(table).count("tr_open") == 2


@given(nasty)
def test_a_code_span_holds_its_text(text):
    whole = [token for token in tokens(f"Submission {code(text)} end") if token.type == "code_inline"]
    assert len(whole) <= 1
    assert set(kinds(f"Submission {code(text)} end")) <= {
        "paragraph_open", "inline", "text", "code_inline", "paragraph_close"
    }  # fmt: skip


@given(nasty)
def test_a_fence_holds_its_text(text):
    blocks = [token.type for token in PARSER.parse(f"before\n\n{fence(text)}\n\nafter") if token.nesting >= 0]
    assert blocks == ["paragraph_open", "inline", "fence", "paragraph_open", "inline"]


@given(nasty)
def test_no_text_of_a_submission_changes_the_structure(assignment, text):
    def structure(text):
        bad = outcome("d", "backward", verdict=Verdict.ERROR, message=f"x{text}")
        outcomes = (outcome("a"), outcome("b"), outcome("c", "backward"), bad)
        return kinds(render(build(assignment, grade(*outcomes, submission=f"x{text}", problem=f"x{text}"))))

    assert structure(text) == structure("")


def test_the_students_file_reads_well(staff, assignment):
    text = render(student_view(staff, assignment, BEFORE))
    assert text.startswith("# Homework 1: Convolution: 15 / 20\n")
    assert "| Forward | 10 / 10 |" in text
    assert "4 checks: 3 passed, 1 wrong." in text
    assert "> **What this looks like:** Your kernel is upside down." in text
    assert "9 · · 9" in text
    assert "Traceback" not in text
    assert "STAFF" not in text


def test_the_staffs_file_says_what_it_is(staff):
    assert "**STAFF VIEW: do not hand out.**" in render(staff)


def test_without_a_score_it_says_whose_fault_it_is(infra_student):
    text = render(infra_student)
    assert "Not graded: the grader failed, not you." in text
    assert "– / 20" in text
    assert " 0 / 20" not in text


@pytest.mark.parametrize("text", ["", "   ", "`", "``` x"])
def test_odd_code_spans(text):
    assert "link_open" not in kinds(code(text))


def test_the_hostile_sample_would_get_through_unescaped():
    assert {"image", "html_inline"} <= set(kinds(f"Submission {HOSTILE}"))
