from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook.cells import inert, tidy
from tests.grader.gradebook.samples import FORMULAS, HOSTILE


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text):
    assert inert(text)[0] in "'\N{SYMBOL FOR CARRIAGE RETURN}\N{SYMBOL FOR LINE FEED}"


@pytest.mark.parametrize(
    "text",
    ["Ada", "O'Neil", "ada@example.edu", "20271234", "007", "-42", "+4912345", "3.5", "陳", "J.-P. Serre", "a=b"],
)
def test_an_honest_value_stays_as_it_is(text):
    assert inert(text) == text


@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)))
def test_no_cell_starts_as_a_formula_does(text):
    cell = inert(text)
    assert cell.isprintable() or set(cell) & set("\u200c\u200d")
    if cell[:1] in set("=+-@\t\r\n＝＋－＠−"):
        assert float(cell) is not None  # a number, and nothing else
    assert tidy(text) in {cell, cell[1:]}


def test_a_long_text_is_cut():
    assert len(inert("=" + "x" * 100_000)) <= 2_001
