from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.gradebook.statistics import analyse, counts, discrimination
from grader.outcome import Verdict
from tests.grader.gradebook.samples import AVERAGED, CHECKS, FLIPPED, classes, entry, report


def counted(entries):
    return [one.report for one in entries if one.report is not None and counts(one.report)]


def score(graded, name):
    return next(check.score for check in graded.checks if check.name == name)


@settings(deadline=None)
@given(classes())
def test_every_number_is_that_of_the_plain_formula(entries):
    found = analyse(entries, "hw1")
    reports = counted(entries)
    assert found.n == len(reports)
    assert found.n + found.left_out == sum(one.report is not None for one in entries)
    for item, (name, part, points) in zip(found.checks, CHECKS if reports else (), strict=True):
        own = [score(graded, name) for graded in reports]
        rest = [sum(check.score for check in graded.checks if check.name != name) for graded in reports]
        assert (item.name, item.part, item.n) == (name, part, len(own))
        assert item.mean == pytest.approx(statistics.fmean(own))
        assert item.difficulty == pytest.approx(statistics.fmean(own) / points)
        assert item.separates == (len(set(own)) > 1)
        if len(set(own)) > 1 and len(set(rest)) > 1:
            assert item.discrimination == pytest.approx(statistics.correlation(own, rest))
            assert not item.undefined
        else:
            assert item.discrimination is None
            assert item.undefined
        for verdict, share in item.verdicts.items():
            mine = [check.verdict for graded in reports for check in graded.checks if check.name == name]
            assert share == pytest.approx(mine.count(verdict) / len(mine))
        assert sum(item.verdicts.values()) == pytest.approx(1)


@settings(deadline=None)
@given(classes())
def test_a_part_is_the_sum_of_its_checks(entries):
    found = analyse(entries, "hw1")
    for part in found.parts:
        own = [item for item in found.checks if item.part == part.name]
        assert part.mean == pytest.approx(sum(item.mean for item in own))
        assert part.max_score == sum(item.max_score for item in own)


@settings(deadline=None)
@given(classes())
def test_a_mistake_counts_once_for_a_submission(entries):
    found = analyse(entries, "hw1")
    for mistake in found.mistakes:
        having = [
            graded
            for graded in counted(entries)
            if mistake.name in {c.diagnosis.mistake for c in graded.checks if c.diagnosis}
        ]
        assert (mistake.students, mistake.of) == (len(having), found.n)
    assert [m.students for m in found.mistakes] == sorted((m.students for m in found.mistakes), reverse=True)


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=20),
    st.integers(1, 9),
    st.integers(-9, 9),
)
def test_discrimination_does_not_depend_on_unit_or_zero(pairs, scale, shift):
    a, b = (np.array(column, float) for column in zip(*pairs, strict=True))
    found, changed = discrimination(a, b), discrimination(scale * a + shift, b)
    assert found is None or -1 <= found <= 1
    assert changed == (None if found is None else pytest.approx(found, abs=1e-9))


def test_who_has_a_check_right_and_all_else_wrong_makes_it_negative():
    wrong = {name: Verdict.FAILED for name, _, _ in CHECKS if name != "a"}
    entries = [entry("ada", report(wrong)), entry("ben", report({"a": Verdict.FAILED}))]
    assert analyse(entries, "hw1").checks[0].discrimination == pytest.approx(-1)


def test_an_undefined_discrimination_says_why():
    entries = [entry("ada", report()), entry("ben", report({"b": Verdict.FAILED})), entry("cem", report())]
    found = {item.name: item for item in analyse(entries, "hw1").checks}
    assert found["a"].undefined == "all 3 have 6 points"
    assert found["b"].undefined == "all have the same points in everything else"
    assert analyse(entries[:1], "hw1").checks[0].undefined == "fewer than two submissions"
    assert [item.name for item in analyse(entries, "hw1").flat] == ["a", "c", "d"]


def test_what_cannot_be_judged_or_run_says_nothing_about_the_checks():
    blocked = report(dict.fromkeys("abcd", Verdict.BLOCKED))
    entries = [
        entry("ada", report()),
        entry("ben", blocked),
        entry("cem", report({"a": Verdict.INFRA})),
        entry("dora", None),
    ]
    found = analyse(entries, "hw1")
    assert (found.n, found.left_out) == (1, 2)


def test_commonest_mistakes_come_first_with_what_students_saw():
    entries = [
        entry("ada", report(diagnoses={"a": AVERAGED, "c": AVERAGED})),
        entry("ben", report(diagnoses={"c": AVERAGED})),
        entry("cem", report(diagnoses={"b": FLIPPED}, visibility="hidden")),
    ]
    first, second = analyse(entries, "hw1").mistakes
    assert (first.sentence, first.students, first.of, first.parts) == (
        "You divide by N − 1.",
        2,
        3,
        ("forward", "backward"),
    )
    assert first.shown
    assert not second.shown


def test_another_suite_of_a_few_makes_no_zeros():
    """A check that some were graded without counts over those who have it."""
    old, new = report(), report({"a": Verdict.FAILED})
    old = old.model_copy(update={"checks": old.checks[1:], "score": 14.0})
    found = {item.name: item for item in analyse([entry("ada", old), entry("ben", new)], "hw1").checks}
    assert (found["a"].n, found["a"].mean) == (1, 0)
    assert found["b"].n == 2


def test_a_class_without_submissions_has_no_statistics():
    found = analyse([], "hw1")
    assert (found.n, found.checks, found.parts, found.mistakes, found.flat) == (0, (), (), (), ())
