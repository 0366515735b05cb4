"""Hand-ins, grades, lateness and adjustments → each student's standing. Pure.

Late days and extensions belong to a student. Where a team hands in together, it has the longest
extension of its members and as many late days as the member with the fewest left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.errors import UsageError
from grader.gradebook.entry import Adjustment, Entry, Student
from grader.judging.late import Lateness, deduction, lateness
from grader.judging.scoring import add
from grader.ledger.records import Kept, Marked
from grader.report.build import with_standing
from grader.report.marks import Mark, marked, parts_by_hand
from grader.report.model import AdjustmentReport, Report
from grader.report.write import folder_name
from grader.spec import Assignment, Course, LatePolicy

NOTHING = "nothing handed in"


Marks = Mapping[str, Mark]  # part → mark


@dataclass(frozen=True)
class Terms:
    """What a homework's lateness is measured by."""

    assignment: Assignment
    policy: LatePolicy
    zone: ZoneInfo
    late_days: int  # of the term's budget

    @classmethod
    def of(cls, course: Course, assignment: Assignment) -> Terms:
        """The assignment's own policy, or the course's."""
        return cls(assignment, assignment.late or course.late, ZoneInfo(course.time_zone), course.late_days)


def late(terms: Terms, kept: Kept, people: Mapping[str, Person], spent: Mapping[str, int]) -> Lateness:
    """How late a hand-in is, where its students have `spent` late days on earlier homework."""
    mine = [people[student] for student in kept.students if student in people]
    left = min((terms.late_days - spent.get(student, 0) for student in kept.students), default=0)
    return lateness(
        terms.policy,
        terms.assignment.due,
        kept.hand_in.submitted_at,
        terms.zone,
        extension=max((extension(terms.assignment, person) for person in mine), default=0.0),
        late_days=0 if kept.hand_in.problem else max(left, 0),  # what was not taken in spends none
    )


def extension(assignment: Assignment, person: Person) -> float:
    """The days that a student has after the due date: their own, and their share of the time that the class has.

    Raises `UsageError` where that share is of nobody knows what.
    """
    if not person.extra_percent or assignment.due is None:
        return person.extension
    if assignment.opens is None:
        raise UsageError(
            f"{person.id} has {person.extra_percent:g} % more time: say in {assignment.name}'s assignment.toml when it "
            "opens (opens = 2027-03-01T10:00:00+08:00)"
        )
    return person.extension + (assignment.due - assignment.opens) / timedelta(days=1) * person.extra_percent / 100


def order(hand_in: HandIn) -> tuple[datetime, int, str]:
    """Sorts one student's hand-ins from the first to the last."""
    return hand_in.submitted_at or datetime.max.replace(tzinfo=ZoneInfo("UTC")), hand_in.attempt, hand_in.name


def counting(
    mine: Sequence[Kept],
    policy: str,
    lates: Mapping[int, Lateness],
    scores: Mapping[int, float | None],
    max_score: float,
) -> Kept:
    """Which of a student's hand-ins counts: the latest that is accepted, or the best after what lateness takes.

    One that could not be taken in counts only where there is no other, and so does one that the grader failed on, if
    the best is looked for.
    """
    ranked = sorted(mine, key=lambda kept: order(kept.hand_in))
    if policy == "best":
        return max(ranked, key=lambda kept: _worth(kept, lates[kept.id], scores.get(kept.id), max_score))
    usable = [kept for kept in ranked if not kept.hand_in.problem]
    accepted = [kept for kept in usable if not lates[kept.id].refused]
    # What the grader failed on does not take the place of what has a grade.
    graded = [kept for kept in accepted if scores.get(kept.id) is not None]
    return (graded or accepted or usable or ranked)[-1]


def _worth(kept: Kept, late: Lateness, score: float | None, max_score: float) -> tuple[bool, float]:
    """Sorts hand-ins by what they are worth; of equal ones `max` takes the first it sees."""
    if kept.hand_in.problem or score is None:
        return False, 0.0
    return not late.refused, score - deduction(late, score, max_score)


@dataclass(frozen=True)
class Standings:
    """Who has what: the hand-in that counts for each student, and what each hand-in's report says beside its checks."""

    counts: Mapping[str, Kept]  # student's id → the hand-in that counts
    lates: Mapping[int, Lateness]  # hand-in's number → how late it is
    adjustments: Mapping[int, tuple[Adjustment, ...]]  # hand-in's number → what its report shows
    spent: Mapping[str, int]  # student's id → late days spent on this homework
    had: Mapping[str, int]  # student's id → late days left before it
    marks: Mapping[int, Marks]  # hand-in's number → what people found in the parts that they mark


def stand(
    terms: Terms,
    kept: Sequence[Kept],
    people: Mapping[str, Person],
    scores: Mapping[int, float | None],
    adjustments: Mapping[str, Sequence[Adjustment]],
    spent: Mapping[str, int],
    marks: Sequence[Marked] = (),
) -> Standings:
    """Work out who has what. `scores` are of the hand-ins' checks, by their number, before lateness."""
    found = {one.id: newest(marks, one.students) for one in kept}
    scores = {number: _with_marks(terms.assignment, score, found.get(number, {})) for number, score in scores.items()}
    lates = {one.id: late(terms, one, people, spent) for one in kept}
    mine: dict[str, list[Kept]] = {}
    for one in kept:
        for student in one.students:
            mine.setdefault(student, []).append(one)
    policy, points = terms.assignment.attempts, terms.assignment.points
    counts = {student: counting(theirs, policy, lates, scores, points) for student, theirs in mine.items()}
    shown = {one.id: _shown(one, counts, adjustments) for one in kept}
    days = {student: lates[one.id].covered for student, one in counts.items() if not one.hand_in.problem}
    had = {student: max(terms.late_days - spent.get(student, 0), 0) for student in people}
    return Standings(counts, lates, shown, days, had, {one.id: newest(marks, together(one, counts)) for one in kept})


def together(kept: Kept, counts: Mapping[str, Kept]) -> tuple[str, ...]:
    """Who is marked together: the students for whom this hand-in counts; all of its own where it does for nobody."""
    return tuple(student for student in kept.students if counts[student].id == kept.id) or kept.students


def newest(marks: Sequence[Marked], students: Collection[str]) -> Marks:
    """The marks of these students, who hand in together: of each part the newest, whoever of them it was given."""
    found = {one.part: one.mark for one in marks if one.student in students}
    return {part: mark for part, mark in found.items() if mark is not None}


def _with_marks(assignment: Assignment, score: float | None, marks: Marks) -> float | None:
    """The checks' points with those of the parts by hand: what is not marked yet is the same for all attempts."""
    if score is None:
        return None
    return add([score, *(part.score for part in parts_by_hand(assignment, marks) if part.score is not None)])


def _shown(
    kept: Kept, counts: Mapping[str, Kept], adjustments: Mapping[str, Sequence[Adjustment]]
) -> tuple[Adjustment, ...]:
    """The adjustments that a hand-in's report shows: a team's page shows only what all its members have."""
    lists = [tuple(adjustments.get(student, ())) for student in kept.students if counts[student].id == kept.id]
    return lists[0] if lists and len(lists) == len(kept.students) and len(set(lists)) == 1 else ()


def report_with(report: Report, late: Lateness, adjustments: Sequence[Adjustment]) -> Report:
    """The report with its standing."""
    given = [AdjustmentReport(points=one.points, reason=one.reason, by=one.by) for one in adjustments]
    return with_standing(report, late, given)


def entry(
    person: Person,
    assignment: Assignment,
    standings: Standings,
    attempts: int,
    report: Report | None,
    adjustments: Sequence[Adjustment],
    marks: Marks = MappingProxyType({}),
) -> Entry:
    """A student's line. `report` is the counting hand-in's, or None where there is none.

    `marks` are the student's, and count where nothing was handed in; else those of the hand-in do.
    """
    student = Student(
        person.id,
        person.name,
        person.email,
        person.section,
        canvas_id=person.id if person.sis_id else "",
        sis_id=person.sis_id,
        sis_login=person.sis_login,
        on_roster=person.on_roster,
        has_left=person.has_left,
        participant=person.participant,
    )
    kept = standings.counts.get(person.id)
    given = tuple(adjustments)
    if kept is None:
        by_hand = parts_by_hand(assignment, marks)
        known = [part.score for part in by_hand if part.score is not None]
        so_far = max(add([*known, *(one.points for one in given)]), 0.0) if given or known else None
        left = standings.had.get(person.id, 0)
        return Entry(
            student,
            assignment.name,
            assignment.points,
            problem=NOTHING,
            late_days_left=left,
            adjustments=given,
            score=None if known and len(known) < len(by_hand) else so_far,
            so_far=so_far,
            by_hand=by_hand,
        )
    late = standings.lates[kept.id]
    page = f"{folder_name(kept.hand_in.name)}/report.html" if report is not None else ""
    own = standings.marks[kept.id]
    if report is not None:
        report = marked(report, assignment, own)
    final = report_with(report, late, given) if report is not None else None
    standing = final.standing if final is not None else None
    taken_in = report is not None and not kept.hand_in.problem
    return Entry(
        student=student,
        assignment=assignment.name,
        max_score=assignment.points,
        report=report if taken_in else None,
        problem=kept.hand_in.problem or ("" if report is not None else "not graded yet"),
        attempt=kept.hand_in.name,
        attempts=attempts,
        submitted_at=kept.hand_in.submitted_at,
        late_seconds=late.seconds,
        late_days_used=standings.spent.get(person.id, 0),
        late_days_left=max(standings.had.get(person.id, 0) - standings.spent.get(person.id, 0), 0),
        extension=person.extension,
        deduction=standing.deduction if standing else 0.0,
        deduction_reason=late.reason,
        adjustments=given,
        score=final.final if final is not None else None,
        so_far=final.so_far if final is not None else None,
        by_hand=parts_by_hand(assignment, own),
        page=page,
    )
