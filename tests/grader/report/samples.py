"""One assignment and gradings of it, small enough to reason about."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.outcome import Check, Diagnosis, Evidence, Grading, Outcome, Provenance, Verdict

DUE = datetime(2030, 5, 1, 12, tzinfo=UTC)
BEFORE = datetime(2030, 4, 1, tzinfo=UTC)
AFTER = datetime(2030, 6, 1, tzinfo=UTC)

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1)) ![x](http://evil.example/x) "
    "| a | b | ``` </style></svg> "
    "\x1b[31mred\x1b]0;title\x07 \u202eevil\u2066 \x00\x9b2J \udc80 {{ 7*7 }} [bold]b[/bold]\n"
    "# heading\n````\nhttps://evil.example me@evil.example "
    "[x](http://evil.example) ![x](http://evil.example) <b>b</b> &amp;"
)


def provenance() -> Provenance:
    return Provenance(
        submission_sha256="aa" * 32,
        suite_sha256="bb" * 32,
        seed_id="seed-7",
        isolation="bubblewrap",
        protections=("seccomp", "Landlock"),
        device="CPU",
        python="3.12.4",
        torch="2.15.0",
        started_at="2030-04-01T10:00:00Z",
        seconds=0.25,
    )


def wrong_tensor(**changes: object) -> Evidence:
    known = {
        "output": "dx",
        "shape": (3, 2, 3, 4),
        "dtype": "float64",
        "expected_shape": (3, 2, 3, 4),
        "expected_dtype": "float64",
        "wrong_share": 0.25,
        "largest_error": 1.5,
        "largest_error_at": (0, 1, 2, 3),
        "error_over_tolerance": 4.5e7,
        "error_map": ((9, 9, 9, 9), (9, 0, 0, 9), (9, 9, 9, 9)),
    }
    return Evidence(**(known | changes))  # type: ignore[arg-type]


def outcome(
    name: str, part: str = "forward", points: float = 5, verdict: Verdict = Verdict.PASSED, **more: object
) -> Outcome:
    of_check = {key: more.pop(key) for key in ("visibility", "hide_errors", "number", "tags") if key in more}
    sentence = str(more.pop("sentence", f"Sentence of {name}."))
    check = Check(name, part, sentence, points, **of_check)  # type: ignore[arg-type]
    earned = more.pop("earned", points if verdict is Verdict.PASSED else 0.0)
    return Outcome(check, verdict, earned, **more)  # type: ignore[arg-type]


def grade(*outcomes: Outcome, submission: str = "ada", problem: str = "", seed: str = "c0ffee") -> Grading:
    return Grading(submission, outcomes, provenance(), problem, seed)


def whole(**changes: object) -> Grading:
    """A grading of `assignment`: four checks of 5 points, the last of which is wrong."""
    last = outcome(
        "d",
        "backward",
        verdict=Verdict.FAILED,
        message="`dx` is wrong in 25% of its elements",
        evidence=wrong_tensor(),
        diagnosis=Diagnosis("flipped", "Your kernel is upside down."),
        staff_detail="Traceback: x = 1",
    )
    return grade(outcome("a"), outcome("b"), outcome("c", "backward"), last, **changes)  # type: ignore[arg-type]
