from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judging.scoring import add, earned, point_faults, total
from grader.outcome import Check, Grading, Outcome, Verdict
from grader.spec import Assignment, Part
from tests.grader.report.samples import grade, outcome

JUDGED = [verdict for verdict in Verdict if verdict is not Verdict.INFRA]


def homework(**parts: float) -> Assignment:
    return Assignment(
        name="hw",
        title="Homework",
        points=math.fsum(parts.values()),
        files=("conv.py",),
        parts=tuple(Part(name=name, title=name.title(), points=points) for name, points in parts.items()),
    )


def test_parts_sum_their_checks_and_the_score_sums_the_parts():
    wrong = outcome("c", "b", 7, Verdict.FAILED)
    totals = total(homework(a=4, b=10), grade(outcome("a", "a", 4), outcome("b", "b", 3), wrong))
    assert (totals.score, totals.max_score, totals.faults) == (7, 14, ())
    assert [(part.name, part.title, part.score, part.max_score) for part in totals.parts] == [
        ("a", "A", 4, 4),
        ("b", "B", 3, 10),
    ]


def test_partial_credit_counts():
    half = outcome("a", "a", 4, Verdict.FAILED, earned=1.5)
    assert total(homework(a=4), grade(half)).score == 1.5


def test_everything_wrong_is_zero():
    assert total(homework(a=4), grade(outcome("a", "a", 4, Verdict.BLOCKED))).score == 0


def test_infra_is_no_grade_never_a_zero():
    totals = total(homework(a=4, b=1), grade(outcome("a", "a", 4, Verdict.INFRA), outcome("b", "b", 1)))
    assert totals.score is None
    assert [part.score for part in totals.parts] == [None, 1]
    assert totals.faults == ("check 'a' has no verdict, through a fault of the grader: grade again.",)


def test_infra_that_claims_points_is_no_grade_either():
    assert total(homework(a=4), grade(outcome("a", "a", 4, Verdict.INFRA, earned=4))).score is None


def test_nan_points_are_no_grade():
    totals = total(homework(a=4), grade(outcome("a", "a", 4, earned=math.nan)))
    assert totals.score is None
    assert "NaN" in totals.faults[0]


@pytest.mark.parametrize("outcomes", [(), (outcome("a", "a", 4),), (outcome("b", "b", 1),)])
def test_a_missing_check_is_no_grade(outcomes):
    totals = total(homework(a=4, b=1), grade(*outcomes))
    assert totals.score is None
    assert totals.faults


def test_a_check_run_twice_is_no_grade():
    assert total(homework(a=4), grade(outcome("a", "a", 4), outcome("a", "a", 4))).score is None


def test_ten_tenths_are_one():
    assert add([0.1] * 10) == 1
    totals = total(homework(a=1), grade(*(outcome(str(i), "a", 0.1) for i in range(10))))
    assert totals.score == 1


def test_three_rounded_thirds_are_the_parts_points():
    totals = total(homework(a=10), grade(*(outcome(str(i), "a", 3.3333333) for i in range(3))))
    assert (totals.score, totals.faults) == (10, ())


def test_point_faults_name_each_discrepancy():
    checks = [
        Check("x", "a", "", 3),
        Check("y", "elsewhere", "", 1),
        Check("z", "a", "", -1),
        Check("w", "a", "", math.nan),
    ]
    assert point_faults(homework(a=4, b=1), checks) == [
        "check 'y' names part 'elsewhere', which is not in the assignment (a, b).",
        "check 'z' has -1 points; they must be a number from 0 upwards.",
        "check 'w' has nan points; they must be a number from 0 upwards.",
        "part 'a' has 4 points, but its checks add up to 3.",
        "part 'b' has 1 points but no checks.",
    ]


def test_no_point_faults_where_the_sums_agree():
    assert point_faults(homework(a=0.3), [Check(str(i), "a", "", 0.1) for i in range(3)]) == []


any_points = st.floats(allow_nan=False)
some_checks = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(1, 400).map(lambda n: n / 16), any_points, st.sampled_from(JUDGED)),
    min_size=1,
    max_size=40,
)


def graded(rows: list[tuple[str, float, float, Verdict]]) -> tuple[Assignment, Grading]:
    points: dict[str, float] = {}
    outcomes = []
    for i, (part, weight, brought, verdict) in enumerate(rows):
        points[part] = points.get(part, 0) + weight
        outcomes.append(Outcome(Check(str(i), part, "", weight), verdict, brought))
    return homework(**points), grade(*outcomes)


@given(some_checks)
def test_scores_stay_within_their_bounds(rows):
    assignment, grading = graded(rows)
    totals = total(assignment, grading)
    assert totals.score is not None
    assert 0 <= totals.score <= assignment.points
    assert all(part.score is not None and 0 <= part.score <= part.max_score for part in totals.parts)
    assert totals.score == add(part.score for part in totals.parts if part.score is not None)
    for one in grading.outcomes:
        assert 0 <= earned(one) <= one.check.points


@given(some_checks, st.randoms())
def test_the_order_of_checks_does_not_matter(rows, random):
    assignment, grading = graded(rows)
    shuffled = list(grading.outcomes)
    random.shuffle(shuffled)
    assert total(assignment, grade(*shuffled)) == total(assignment, grading)


@given(some_checks, st.integers(0))
def test_one_infra_anywhere_is_no_grade(rows, where):
    assignment, grading = graded(rows)
    outcomes = list(grading.outcomes)
    i = where % len(outcomes)
    outcomes[i] = Outcome(outcomes[i].check, Verdict.INFRA, outcomes[i].earned)
    assert total(assignment, grade(*outcomes)).score is None
