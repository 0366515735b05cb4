"""From a grading to the staff's report, and from that to the student's.

The student's view is built up from what a student may see, never cut down from what staff see, so that a field added
for staff does not reach students by being forgotten here.

The total and the part scores count withheld checks in both views, and the view says how many there are: a student
who passes all visible checks and fails hidden ones reads "80 / 100", not "all passed". The price is that a part's
withheld points can be told by subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from grader.judging.late import Lateness, deduction
from grader.judging.scoring import add, earned, total
from grader.outcome import Asked, Check, Diagnosis, Evidence, Example, Grading, Line, Outcome, Verdict
from grader.report.marks import parts_by_hand
from grader.report.model import AdjustmentReport, CheckReport, PartReport, Report, Since, Standing, Withheld
from grader.report.text import plain, shorten
from grader.spec import Assignment

MESSAGE_LIMIT = 4_000  # characters
DETAIL_LIMIT = 40_000
NAME_LIMIT = 200
CALL_LIMIT = 2_000

NOT_GRADED = (
    "At least one check could not be judged because of a fault of the grader. "
    "You lose no points by this: the staff will grade this submission again."
)


def build(assignment: Assignment, grading: Grading) -> Report:
    """The staff's report: everything, with text from the submission made visible and capped."""
    totals = total(assignment, grading)
    problem = shorten(plain(grading.problem), MESSAGE_LIMIT)
    sections = {part.name: part.section or "" for part in assignment.parts}
    unmarked = {part.name: part for part in parts_by_hand(assignment, {})}
    return Report(
        assignment=assignment.name,
        title=assignment.title,
        submission=shorten(plain(grading.submission, one_line=True), NAME_LIMIT),
        score=totals.score,
        max_score=totals.max_score,
        problem=problem or (NOT_GRADED if totals.score is None else ""),
        notes=tuple(shorten(plain(note, one_line=True), MESSAGE_LIMIT) for note in grading.notes),
        handout=assignment.handout or "",
        parts=tuple(
            unmarked.get(part.name)
            or PartReport(
                name=part.name,
                title=part.title,
                score=part.score,
                max_score=part.max_score,
                section=sections.get(part.name, ""),
            )
            for part in totals.parts
        ),
        checks=tuple(_check(outcome) for outcome in grading.outcomes),
        faults=totals.faults,
        provenance=grading.provenance,
        seed=grading.seed,
    )


def student_view(report: Report, assignment: Assignment, now: datetime) -> Report:
    """What the student may see at `now`: no withheld checks, no staff details, no seed, no hidden errors."""
    shown = [check for check in report.checks if is_shown(check.visibility, assignment, now)]
    when = {"always": "visible", "never": "hidden"}
    with_examples = {
        part.name for part in assignment.parts if is_shown(when.get(part.examples, part.examples), assignment, now)
    }
    withheld = [check for check in report.checks if not is_shown(check.visibility, assignment, now)]
    return Report(
        assignment=report.assignment,
        title=report.title,
        submission=report.submission,
        score=report.score,
        max_score=report.max_score,
        problem=report.problem,
        notes=report.notes,
        handout=report.handout,
        since=_since(report.since, shown),
        standing=_standing_for_student(report.standing),
        parts=tuple(_part_for_student(part, withheld) for part in report.parts),
        checks=tuple(_for_student(check, with_example=check.part in with_examples) for check in shown),
        withheld=Withheld(
            checks=len(withheld),
            max_score=add(check.max_score for check in withheld),
            until=_shown_from(withheld, assignment),
        ),
        provenance=report.provenance,
    )


def student_check(outcome: Outcome, assignment: Assignment, now: datetime) -> CheckReport | None:
    """One outcome as the student's report will have it, but for an example; None where it is withheld at `now`."""
    if not is_shown(outcome.check.visibility, assignment, now):
        return None
    return _for_student(_check(outcome), with_example=False)


def _part_for_student(part: PartReport, withheld: Sequence[CheckReport]) -> PartReport:
    return PartReport(
        name=part.name,
        title=part.title,
        score=part.score,
        max_score=part.max_score,
        section=part.section,
        withheld=add(check.max_score for check in withheld if check.part == part.name),
        by_hand=part.by_hand,
        items=part.items,
        comment=part.comment,
    )


def _since(since: Since | None, shown: Sequence[CheckReport]) -> Since | None:
    if since is None:
        return None
    names = {check.name for check in shown}
    won, lost = (tuple(name for name in some if name in names) for some in (since.won, since.lost))
    return since.model_copy(update={"won": won, "lost": lost})


def _shown_from(withheld: Sequence[CheckReport], assignment: Assignment) -> str:
    waits = any(check.visibility == "after_due_date" for check in withheld)
    return assignment.due.isoformat(timespec="minutes") if waits and assignment.due else ""


def with_standing(report: Report, late: Lateness, adjustments: Sequence[AdjustmentReport] = ()) -> Report:
    """The report with what lateness takes from its score and what staff gave or took; the end is never below 0."""
    if not late.reason and not adjustments:
        return report.model_copy(update={"standing": None})
    taken = 0.0 if report.score is None else deduction(late, report.score, report.max_score)
    score = None
    if report.score is not None:
        score = max(add([report.score, -taken, *(adjustment.points for adjustment in adjustments)]), 0.0)
    standing = Standing(
        score=score, deduction=taken, late_seconds=late.seconds, reason=late.reason, adjustments=tuple(adjustments)
    )
    return report.model_copy(update={"standing": standing})


def slim(report: Report) -> Report:
    """A report without what only its own page shows, so that a class of a thousand fits into little memory."""
    checks = tuple(
        check.model_copy(update={"evidence": None, "asked": None, "line": None, "example": None, "staff_detail": ""})
        for check in report.checks
    )
    return report.model_copy(update={"checks": checks})


def outcome_of(check: CheckReport) -> Outcome:
    """The outcome that a staff report's check was made from, so that it need not be found again."""
    asked = Check(
        name=check.name,
        part=check.part,
        sentence=check.sentence,
        points=check.max_score,
        visibility=check.visibility,
        number=check.number,
        tags=check.tags,
        hide_errors=check.hide_errors,
    )
    return Outcome(
        check=asked,
        verdict=check.verdict,
        earned=check.score or 0.0,
        message=check.message,
        evidence=check.evidence,
        diagnosis=check.diagnosis,
        measurement=check.measurement,
        seconds=check.seconds,
        staff_detail=check.staff_detail or "",
        place=check.place,
        asked=check.asked,
        line=check.line,
        example=check.example,
    )


def is_shown(visibility: str, assignment: Assignment, now: datetime) -> bool:
    """Whether a check of this visibility is in the student's file at `now`.

    `hidden` and `after_published` never are (only Gradescope knows when grades are published), nor is a visibility
    nobody knows. Without a due date, `after_due_date` is visible.
    """
    if visibility == "after_due_date":
        return assignment.due is None or assignment.is_past_due(now)
    return visibility == "visible"


def shown_message(check: CheckReport) -> str:
    """The message as students read it: `hide_errors` stands in for the message of a check that did not pass."""
    if check.hide_errors is None:
        return check.message
    return "" if check.verdict is Verdict.PASSED else check.hide_errors


def _check(outcome: Outcome) -> CheckReport:
    check = outcome.check
    return CheckReport(
        name=check.name,
        part=check.part,
        sentence=plain(check.sentence, one_line=True),
        verdict=outcome.verdict,
        score=earned(outcome),
        max_score=check.points,
        message=shorten(plain(outcome.message), MESSAGE_LIMIT),
        evidence=_evidence(outcome.evidence) if outcome.evidence else None,
        diagnosis=outcome.diagnosis,
        measurement=outcome.measurement,
        visibility=check.visibility,
        seconds=outcome.seconds,
        number=check.number,
        tags=check.tags,
        hide_errors=check.hide_errors,
        staff_detail=shorten(plain(outcome.staff_detail), DETAIL_LIMIT),
        place=outcome.place,
        asked=_asked(outcome.asked) if outcome.asked else None,
        line=_line(outcome.line) if outcome.line else None,
        example=_example(outcome.example) if outcome.example else None,
    )


def _for_student(check: CheckReport, *, with_example: bool) -> CheckReport:
    hidden = check.hide_errors is not None
    evidence: Evidence | None = None if hidden else check.evidence
    diagnosis: Diagnosis | None = None if hidden else check.diagnosis
    return CheckReport(
        name=check.name,
        part=check.part,
        sentence=check.sentence,
        verdict=check.verdict,
        score=check.score,
        max_score=check.max_score,
        message=shown_message(check),
        evidence=evidence,
        diagnosis=diagnosis,
        measurement=None if hidden else check.measurement,
        visibility=check.visibility,
        seconds=check.seconds,
        number=check.number,
        tags=check.tags,
        asked=None if hidden else check.asked,
        line=None if hidden else check.line,
        example=check.example if with_example and not hidden else None,
    )


def _standing_for_student(standing: Standing | None) -> Standing | None:
    if standing is None:
        return None
    adjustments = tuple(AdjustmentReport(points=one.points, reason=one.reason) for one in standing.adjustments)
    return Standing(
        score=standing.score,
        deduction=standing.deduction,
        late_seconds=standing.late_seconds,
        reason=standing.reason,
        adjustments=adjustments,
    )


def _evidence(evidence: Evidence) -> Evidence:
    """NaN as infinity: both say "no error that could be measured", and only one of them equals itself."""
    return replace(
        evidence,
        dtype=plain(evidence.dtype, one_line=True),
        wrong_share=_number(evidence.wrong_share),
        largest_error=_number(evidence.largest_error),
        error_over_tolerance=_number(evidence.error_over_tolerance),
    )


def _asked(asked: Asked) -> Asked:
    return replace(asked, function=_name(asked.function), call=shorten(plain(asked.call), CALL_LIMIT))


def _line(line: Line) -> Line:
    around = tuple(plain(text, one_line=True) if "\t" not in text else plain(text) for text in line.around)
    return replace(line, file=_name(line.file), function=_name(line.function), around=around)


def _example(example: Example) -> Example:
    """An answer is the student's: its text is made visible."""
    yours = replace(example.yours, text=shorten(plain(example.yours.text), MESSAGE_LIMIT))
    return replace(example, yours=yours, says=shorten(plain(example.says), MESSAGE_LIMIT))


def _name(text: str) -> str:
    return shorten(plain(text, one_line=True), NAME_LIMIT)


def _number(value: float | None) -> float | None:
    return math.inf if value is not None and math.isnan(value) else value
