from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.text import anchor, count, out_of, plain, points, shorten

# Half of it from the characters that matter: what plain text alone would seldom draw.
NASTY = (
    "\x1b[]0;mPX^_\\\x07\x08\r\n\t\x00\x7f\x85\x9b\x9c\xa0"
    "\u2028\u2029\u202a\u202e\u2066\u200b\u200d\ufeff\udc80\U000e0041é"
)
texts = st.text(alphabet=st.one_of(st.sampled_from(NASTY), st.characters()), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünïcödé 你好 👩‍🔬", "plain ünïcödé 你好 👩‍🔬"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\x", "x"),
        ("\x9b2Jgone", "gone"),
        ("\x1b\x1b[31m[31mred", "␛[31mred"),
        ("a\x1b", "a␛"),
        ("a\x00b\x08\x7f", "a␀b␈␡"),
        ("a\x90", "a\\x90"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("a\u2066b\u200bc\ufeff", "a\\u2066b\\u200bc\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\udc80", "\\udc80"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\tb\xa0c", "a    b c"),
    ],
)
def test_plain(text, shown):
    assert plain(text) == shown


def test_one_line_shows_line_ends():
    assert plain("a\nb\r\nc\td", one_line=True) == "a␊b␊c d"


@given(texts, st.booleans())
def test_plain_leaves_only_what_is_visible(text, one_line):
    shown = plain(text, one_line=one_line)
    kinds = {unicodedata.category(char) for char in shown if char not in "\n\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not (one_line and "\n" in shown)
    shown.encode()


@given(texts, st.booleans())
def test_plain_twice_is_plain_once(text, one_line):
    shown = plain(text, one_line=one_line)
    assert plain(shown, one_line=one_line) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Mn"])))
def test_plain_leaves_readable_text_alone(text):
    assert plain(text) == text


@given(st.text(max_size=400), st.integers(41, 300))
def test_shorten_keeps_to_its_limit(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith("characters left out)")


def test_shorten_says_how_much_is_missing():
    assert shorten("x" * 1100, 100).endswith("… (1,040 characters left out)")


@pytest.mark.parametrize(
    ("score", "shown"), [(83.0, "83"), (7.5, "7.5"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (0, "0"), (None, "–")]
)
def test_points(score, shown):
    assert points(score) == shown


def test_out_of():
    assert out_of(83.0, 100.0) == "83 / 100"
    assert out_of(None, 100) == "– / 100"


def test_count():
    assert [count(1, "check"), count(0, "check"), count(1200, "check")] == ["1 check", "0 checks", "1,200 checks"]


def test_an_anchor_is_the_headings_on_the_usual_sites():
    assert anchor("8. LeNet-5, and `more`!") == "8-lenet-5-and-more"
