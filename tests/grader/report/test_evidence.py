from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.evidence import cell, drawing, facts, place, share, size
from tests.grader.report.samples import wrong_tensor

maps = st.integers(1, 9).flatmap(
    lambda columns: st.lists(st.lists(st.integers(0, 9), min_size=columns, max_size=columns), min_size=1, max_size=9)
)


def test_facts_in_reading_order():
    assert facts(wrong_tensor()) == [
        ("Output", "dx"),
        ("Shape", "(3, 2, 3, 4)"),
        ("Dtype", "float64"),
        ("Wrong elements", "25%"),
        ("Largest error", "1.5 at index (0, 1, 2, 3)"),
        ("Error ÷ tolerance", "4.5 × 10⁷"),
        ("Where", "only along the border"),
    ]


def test_a_wrong_form_shows_both_forms_and_no_values():
    wrong = wrong_tensor(
        output=None,
        shape=(7,),
        dtype="float32",
        wrong_share=None,
        largest_error=None,
        largest_error_at=None,
        error_over_tolerance=None,
        error_map=(),
    )
    assert facts(wrong) == [
        ("Shape", "(7,), expected (3, 2, 3, 4)"),
        ("Dtype", "float32, expected float64"),
    ]


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (0.0, "0"),
        (0.01234, "0.0123"),
        (12.0, "12"),
        (999.7, "1,000"),
        (45_678.0, "45,678"),
        (1e-12, "1.0 × 10⁻¹²"),
        (math.inf, "infinite"),
    ],
)
def test_size(error, shown):
    assert size(error) == shown


@pytest.mark.parametrize(
    ("part", "shown"),
    [(0, "none"), (1, "all"), (0.999, "over 99%"), (0.25, "25%"), (0.005, "0.50%"), (1e-7, "under 0.01%")],
)
def test_share_is_never_rounded_to_none_or_all(part, shown):
    assert share(part) == shown


@pytest.mark.parametrize(
    ("levels", "where"),
    [
        (((1, 2), (3, 4)), "everywhere"),
        (((0, 0, 0), (0, 5, 0)), "only in one cell: row 1, column 1"),
        (((0, 0, 5),), "only in one cell: number 2"),
        (((1, 1, 1), (1, 0, 1), (1, 1, 1)), "only along the border"),
        (((0, 0, 0, 0), (0, 1, 1, 0), (0, 0, 0, 0)), "only inside, nowhere along the border"),
        (((0, 0, 0), (0, 0, 0), (2, 2, 2)), "only in row 2"),
        (((0, 0, 4), (0, 0, 4), (0, 0, 4)), "only in column 2"),
        (((0, 1, 4), (1, 0, 4), (0, 0, 4)), "in 5 of 9 cells of the map"),
    ],
)
def test_place(levels, where):
    assert place(levels) == where


@given(maps)
def test_every_map_has_a_place_and_a_drawing(levels):
    levels = tuple(map(tuple, levels))
    assert place(levels)
    rows = [row.split(" ") for row in drawing(levels).split("\n")]
    assert [[0 if mark == "·" else int(mark) for mark in row] for row in rows] == [list(row) for row in levels]


def test_cell_of_a_pooled_map():
    levels = ((0,) * 28,) * 24
    assert cell(wrong_tensor(expected_shape=(3, 48, 56), error_map=levels)) == (2, 2)
    assert cell(wrong_tensor(expected_shape=(4,), error_map=((1, 1, 1, 1),))) == (1, 1)
