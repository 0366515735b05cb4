from __future__ import annotations

import math
from itertools import product

import pytest

from grader.outcome import Asked, Diagnosis, Line, Verdict
from grader.report.build import MESSAGE_LIMIT, NOT_GRADED, build, is_shown, shown_message, student_view
from grader.report.model import Report, Withheld
from grader.spec import Assignment
from tests.grader.report.samples import AFTER, BEFORE, DUE, HOSTILE, grade, outcome, whole, wrong_tensor


def test_the_staffs_report_holds_everything(staff):
    assert (staff.score, staff.max_score, staff.seed, staff.withheld, staff.faults) == (15, 20, "c0ffee", None, ())
    last = staff.checks[-1]
    assert (last.verdict, last.score, last.max_score) == (Verdict.FAILED, 0, 5)
    assert last.staff_detail == "Traceback: x = 1"
    assert last.diagnosis == Diagnosis("flipped", "Your kernel is upside down.")
    assert last.evidence == wrong_tensor()


def test_infra_has_no_score_anywhere_and_says_why(infra):
    assert infra.score is None
    assert infra.problem == NOT_GRADED
    assert infra.checks[-1].score is None
    assert [part.score for part in infra.parts] == [10, None]
    assert infra.faults


def test_the_graders_own_problem_comes_before_the_general_one(assignment):
    assert build(assignment, grade(problem="The sandbox did not start.")).problem == "The sandbox did not start."


def test_text_is_cleaned_and_capped(assignment):
    long = outcome("d", "backward", verdict=Verdict.ERROR, message="x" * 10**6, staff_detail=HOSTILE)
    outcomes = (outcome("a"), outcome("b"), outcome("c", "backward"), long)
    report = build(assignment, grade(*outcomes, submission="a\nb" + HOSTILE * 9, problem=HOSTILE))
    assert len(report.checks[-1].message) == MESSAGE_LIMIT
    assert len(report.submission) <= 200
    for text in (report.submission, report.problem, str(report.checks[-1].staff_detail)):
        assert not set(text) & set("\x1b\u202e\x00\udc80")
    assert report.submission.startswith("a␊b")


def test_nan_in_evidence_becomes_infinite(assignment):
    bad = outcome(
        "d",
        "backward",
        verdict=Verdict.FAILED,
        evidence=wrong_tensor(largest_error=math.nan, error_over_tolerance=math.inf),
    )
    report = build(assignment, grade(outcome("a"), outcome("b"), outcome("c", "backward"), bad))
    assert report.checks[-1].evidence == wrong_tensor(largest_error=math.inf, error_over_tolerance=math.inf)


@pytest.mark.parametrize(
    ("visibility", "now", "shown"),
    [
        ("visible", BEFORE, True),
        ("hidden", AFTER, False),
        ("after_due_date", BEFORE, False),
        ("after_due_date", DUE, False),
        ("after_due_date", AFTER, True),
        ("after_published", AFTER, False),
        ("a word nobody knows", AFTER, False),
    ],
)
def test_is_shown(assignment, visibility, now, shown):
    assert is_shown(visibility, assignment, now) is shown


def test_without_a_due_date_after_due_date_is_shown(assignment):
    assert is_shown("after_due_date", assignment.model_copy(update={"due": None}), BEFORE)


def canaries(assignment: Assignment) -> Report:
    """Every text a student must not read holds the word CANARY and a name; every other text does not."""
    outcomes = []
    for verdict, (i, visibility) in product(
        (Verdict.PASSED, Verdict.FAILED, Verdict.ERROR), enumerate(("hidden", "after_due_date", "after_published"))
    ):
        name = f"CANARY-{verdict}-{i}"
        outcomes.append(
            outcome(
                name,
                points=1,
                verdict=verdict,
                visibility=visibility,
                sentence=f"CANARY sentence {name}",
                message=f"CANARY message {name}",
                evidence=wrong_tensor(output="CANARY output"),
                diagnosis=Diagnosis("CANARY", "CANARY diagnosis"),
                staff_detail="CANARY detail",
                number="CANARY number",
                tags=("CANARY tag",),
                asked=Asked("CANARY", "CANARY call"),
                line=Line("CANARY.py", 1, "CANARY", 1, ("CANARY = 1",)),
            )
        )
    outcomes.append(outcome("open", points=1, staff_detail="CANARY of a visible check"))
    mute = {
        "hide_errors": "Think about it.",
        "message": "CANARY message",
        "evidence": wrong_tensor(output="CANARY"),
        "diagnosis": Diagnosis("CANARY", "CANARY"),
        "staff_detail": "CANARY",
        "asked": Asked("CANARY", "CANARY call"),
        "line": Line("CANARY.py", 1, "CANARY", 1, ("CANARY = 1",)),
    }
    outcomes += [outcome(f"mute-{v}", "backward", verdict=v, **mute) for v in (Verdict.FAILED, Verdict.PASSED)]
    return build(assignment, grade(*outcomes, seed="CANARY-seed"))


def test_the_students_view_holds_no_canary(assignment):
    staff = canaries(assignment)
    assert staff.model_dump_json().count("CANARY") > 50
    student = student_view(staff, assignment, BEFORE)
    assert "CANARY" not in student.model_dump_json()
    assert student.withheld == Withheld(checks=9, max_score=9, until=DUE.isoformat(timespec="minutes"))
    assert [check.name for check in student.checks] == ["open", "mute-failed", "mute-passed"]
    assert student.checks[1].message == "Think about it."
    assert student.checks[2].message == ""


def test_after_the_due_date_its_checks_are_shown(assignment):
    student = student_view(canaries(assignment), assignment, AFTER)
    assert student.withheld == Withheld(checks=6, max_score=6)
    assert {check.visibility for check in student.checks} == {"visible", "after_due_date"}


def test_the_score_counts_what_is_withheld(assignment):
    staff = canaries(assignment)
    student = student_view(staff, assignment, BEFORE)
    assert (student.score, student.max_score) == (staff.score, staff.max_score)
    assert [part.score for part in student.parts] == [part.score for part in staff.parts]
    assert [part.withheld for part in student.parts] == [9, 0]
    assert student.score == 9


def test_the_students_view_says_so_even_where_nothing_is_withheld(staff, assignment):
    student = student_view(staff, assignment, BEFORE)
    assert student.withheld == Withheld(checks=0, max_score=0)
    assert (student.seed, student.faults) == (None, ())
    assert all(check.staff_detail is None for check in student.checks)


def test_why_there_is_no_score_is_for_staff(infra, infra_student):
    assert infra.faults
    assert infra_student.faults == ()
    assert infra_student.score is None
    assert infra_student.problem == NOT_GRADED


def test_shown_message(staff):
    check = staff.checks[-1]
    assert shown_message(check) == check.message
    assert shown_message(check.model_copy(update={"hide_errors": "Hm."})) == "Hm."


@pytest.mark.parametrize("submission", ["ada", HOSTILE, "\udc80", ""])
def test_reports_survive_a_round_trip(assignment, submission):
    bad = outcome(
        "d",
        "backward",
        verdict=Verdict.FAILED,
        evidence=wrong_tensor(
            shape=(2**40,) * 8, largest_error=math.inf, error_over_tolerance=math.nan, largest_error_at=None
        ),
    )
    report = build(assignment, grade(outcome("a"), outcome("b"), outcome("c", "backward"), bad, submission=submission))
    for view in (report, student_view(report, assignment, BEFORE)):
        assert Report.model_validate_json(view.model_dump_json()) == view


def test_a_whole_grading_scores(assignment):
    assert build(assignment, whole()).score == 15
