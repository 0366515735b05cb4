"""A class of two homeworks, small enough to reason about, and classes drawn by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from grader.gradebook.entry import Adjustment, Entry, Student
from grader.outcome import Diagnosis, Verdict
from grader.report.build import build
from grader.report.model import Report
from grader.spec import Assignment, Part
from tests.grader.report.samples import grade, outcome

CHECKS = (("a", "forward", 6.0), ("b", "forward", 4.0), ("c", "backward", 7.0), ("d", "backward", 3.0))
FLIPPED = Diagnosis("flipped", "Your kernel is upside down.")
AVERAGED = Diagnosis("averaged", "You divide by N − 1.")
FORMULAS = (
    '=HYPERLINK("http://evil.example";"x")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    " =1+1",
    "＝1+1",
    "−1+1",
)
HOSTILE = (
    *FORMULAS,
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "a,b\nc",
    '"',
    "\x00\x1b[2J",
    "\u202eevil",
    "\udc80",
    "#N/A",
    "$x^",
    "Points Possible",
)
NEVER = datetime(2030, 4, 1, 12, tzinfo=UTC)


def assignment(name: str = "hw1") -> Assignment:
    parts = (Part(name="forward", title="Forward", points=10), Part(name="backward", title="Backward", points=10))
    return Assignment(name=name, title=f"Layers of {name}", points=20, files=("conv.py",), parts=parts)


def report(
    verdicts: dict[str, Verdict] | None = None,
    diagnoses: dict[str, Diagnosis] | None = None,
    submission: str = "ada",
    name: str = "hw1",
    **of_check: object,
) -> Report:
    """A staff report in which all checks pass but those named."""
    verdicts, diagnoses = verdicts or {}, diagnoses or {}
    outcomes = [
        outcome(
            check,
            part,
            points,
            verdicts.get(check, Verdict.FAILED if check in diagnoses else Verdict.PASSED),
            diagnosis=diagnoses.get(check),
            **of_check,
        )
        for check, part, points in CHECKS
    ]
    return build(assignment(name), grade(*outcomes, submission=submission))


def entry(
    student: str | Student = "ada", graded: Report | None = None, homework: str = "hw1", **changes: object
) -> Entry:
    """An entry; `score` is the report's unless given."""
    who = student if isinstance(student, Student) else Student(student, student.title(), f"{student}@example.edu", "A")
    known: dict[str, object] = {"attempt": who.id, "attempts": 1, "score": graded.score} if graded else {}
    return Entry(who, homework, 20, graded, **(known | changes))  # type: ignore[arg-type]


def small() -> list[Entry]:
    """Two homeworks, three students: one late, one adjusted, one whom the grader failed, one with nothing."""
    return [
        entry("ada", report()),
        entry(
            "ben",
            report(diagnoses={"c": FLIPPED}),
            late_seconds=7_200.0,
            deduction=2.0,
            deduction_reason="1 day late",
            score=11.0,
            submitted_at=NEVER,
        ),
        entry("cem", report({"d": Verdict.INFRA})),
        entry("ada", report(name="hw2"), "hw2", adjustments=(Adjustment(-1.5, "copied a line", "tara"),), score=18.5),
        entry("ben", None, "hw2", problem="nothing handed in"),
    ]


names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))


@st.composite
def classes(draw: st.DrawFn, homeworks: tuple[str, ...] = ("hw1",)) -> list[Entry]:
    """Entries of up to eight students, whose names and emails may be anything."""
    entries = []
    for number in range(draw(st.integers(0, 8))):
        student = Student(f"{number}", draw(names), draw(names), draw(names), draw(st.sampled_from(["", "77"])))
        for homework in homeworks:
            if not draw(st.booleans()):
                entries.append(entry(student, None, homework, problem=draw(names)))
                continue
            verdicts = {check: draw(st.sampled_from(Verdict)) for check, _, _ in CHECKS}
            found = {
                check: draw(st.sampled_from([FLIPPED, AVERAGED]))
                for check, verdict in verdicts.items()
                if verdict is Verdict.FAILED and draw(st.booleans())
            }
            graded = report(verdicts, found, submission=draw(names), name=homework)
            late = draw(st.sampled_from([0.0, 60.0, 90_000.0]))
            entries.append(
                entry(student, graded, homework, late_seconds=late, deduction_reason=draw(names), attempt=draw(names))
            )
    return entries
