"""The same attacks on this grader: the verdict that each gets, and whether anything of it got through."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from grader.homework import Homework, load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.outcome import Grading, Verdict
from grader.report.write import write_reports
from grader.sandbox.opening import open_sandbox
from grader.sandbox.processes import count_inside
from grader.sandbox.where import WhereToGrade
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from tests.hostile.corpus import CANARIES, COURSE, Attack

ROOT = Path(__file__).resolve().parents[2]
GRACE = 2.0  # seconds above a submission's limit by which the next one must have its turn
SLOW_DOWN = 4  # times what an honest submission took just before: more than that is not the machine's being busy
SLOW = {"timeout", "crash", "blocked"}  # verdicts that may come of a machine that stands still for a second
BAN = re.compile(r"this assignment forbids torch's operator `\w+`( \(hostile\.py, line \d{1,3}(, in scale)?\))?")
AGAINST_SECONDS = 15.0  # of a submission to a homework of the course's own; an honest one takes two
GROWTH_MB = 500  # of the judge's memory
PARTS_LEFT = 5  # processes: the zygote, a spare fork and one that is being taken down, with their parents


@dataclass(frozen=True)
class Result:
    """What an attack got here."""

    succeeded: bool
    verdicts: frozenset[str]  # of the checks of the attacked part
    seen: str
    seconds: float = 0.0
    is_sure: bool = True  # not if only time was lost, or another verdict came of that


class Here:
    """This grader with secrets planted in the judge. Use as a context manager."""

    def __init__(
        self,
        tier: str | None = None,
        *,
        engine: str | None = None,
        strict: bool = False,
        course: Path = COURSE,
        browser: bool = True,
    ) -> None:
        self._browser = browser
        self.homework: Homework = load_homework(course, "hostile")
        self._tier, self._engine, self._strict = tier, engine, strict
        self._secret = CANARIES[5]
        self._limit = self.homework.assignment.limits.submission_seconds
        self.seed = Seed.fresh()
        self._other: tuple[str, Homework, Zygote] | None = None  # one at most: a container has no room for more

    def __enter__(self) -> Self:
        os.environ["GRADER_SECRET"] = CANARIES[3]
        self._descriptor = os.memfd_create("secret")
        os.set_inheritable(self._descriptor, True)
        os.write(self._descriptor, CANARIES[4].encode())
        sandbox = open_sandbox(
            self.homework.assignment, WhereToGrade(self._tier, engine=self._engine, strict=self._strict)
        )
        self.zygote: Zygote = sandbox.__enter__()
        self.honest = self.grade(submission(self.homework.reference_source.encode()))
        self._processes = count_inside(self.zygote)
        return self

    def __exit__(self, *_: object) -> None:
        self.zygote.close()
        self._close_other()
        os.close(self._descriptor)
        os.environ.pop("GRADER_SECRET", None)

    def grade(self, *submissions: Submission) -> Grading:
        """The grading of the last of these submissions."""
        return self._grade_all(*submissions)[-1]

    def _grade_all(self, *submissions: Submission) -> list[Grading]:
        graded: list[Grading] = []
        session.grade(self.homework, submissions, self.zygote, on_graded=graded.append, seed=self.seed)
        return graded

    def withstand(self, attack: Attack) -> Result:
        """Let an attack loose. Once more where it got nothing but our time: a machine may stand still for a second."""
        if attack.here is not None:
            return attack.here()
        if attack.course:
            return self._attacked_homework(attack)
        result = self._attacked(attack)
        return result if result.is_sure else self._attacked(attack)

    def _attacked(self, attack: Attack) -> Result:
        """Grade an attack between two honest submissions: after the first, the session asks the next ahead of time."""
        honest, handed_in = submission(self.homework.reference_source.encode()), submission(attack.files)
        attacks = [handed_in] * (2 if attack.success == "litter" else 1)
        before, *_, grading, after = self._grade_all(honest, *attacks, honest)
        grace = GRACE + SLOW_DOWN * before.provenance.seconds
        seconds, waited = grading.provenance.seconds, after.provenance.seconds
        with tempfile.TemporaryDirectory() as folder:
            write_reports(Path(folder), self.homework.assignment, grading, datetime.now(UTC))
            files = {
                str(path.relative_to(folder)): path.read_text()
                for path in sorted(Path(folder).rglob("*"))
                if path.is_file()
            }
        verdicts = frozenset(o.verdict.value for o in grading.outcomes if o.check.part == attack.part)
        said = next((o.message for o in grading.outcomes if o.check.part == attack.part and o.message), "")
        got = self._got(attack, grading, files)
        otherwise = "" if same(after, self.honest) else "an honest submission is graded otherwise after it"
        got = got or ("" if any(o.verdict.value in SLOW for o in after.outcomes) else otherwise)
        left = count_inside(self.zygote) - self._processes
        got = got or (f"{left} processes are left" if left > PARTS_LEFT - 1 else "")
        lost = f"it took {seconds:.1f} s" if seconds > self._limit + grace else ""
        lost = lost or ("the next submission waits" if waited > grace else otherwise)
        odd = not verdicts <= attack.verdicts and verdicts <= attack.verdicts | SLOW
        return Result(bool(got or lost), verdicts, got or lost or said, seconds, bool(got) or not (lost or odd))

    def _attacked_homework(self, attack: Attack) -> Result:
        """Grade an attack on a homework of the course's own between two honest submissions."""
        homework, zygote = self._open_other(attack.course)
        file = homework.assignment.files[0]
        reference = homework.reference_source.encode()
        (source,) = attack.files.values()
        source = reference + b"\n\n" + source if attack.after else source
        graded: list[Grading] = []
        walls, grown, began = [], [], time.monotonic()
        with Memory() as memory:

            def note(grading: Grading) -> None:
                nonlocal began
                graded.append(grading)
                walls.append(time.monotonic() - began)
                grown.append(memory.grown())
                began = time.monotonic()

            submissions = [submission({file: one}) for one in (reference, source, reference)]
            session.grade(homework, submissions, zygote, on_graded=note, seed=self.seed)
        before, attacked, after = graded
        outcomes = [o for o in attacked.outcomes if o.check.part == attack.part]
        got = ""
        if any(o.verdict is Verdict.INFRA for o in attacked.outcomes):
            got = (
                "the grader failed: "
                + next(o.staff_detail for o in attacked.outcomes if o.verdict is Verdict.INFRA)[-300:]
            )
        elif [o.earned for o in after.outcomes] != [o.earned for o in before.outcomes]:
            got = "an honest submission after it is graded otherwise"
        elif attack.success == "score" and (earned := sum(o.earned for o in outcomes)):
            got = f"{earned:g} points"
        elif (
            attack.success == "held" and walls[1] > AGAINST_SECONDS + 1 + walls[0]
        ):  # on a busy machine all takes longer
            got = f"a worker is held for {walls[1]:.1f} s, where {AGAINST_SECONDS:g} s are allowed"
        elif attack.success == "memory" and grown[1] > GROWTH_MB:
            got = f"the judge's memory grows by {grown[1]:.0f} MB"
        said = next((o.message for o in outcomes if o.message), "")
        verdicts = frozenset(o.verdict.value for o in outcomes)
        return Result(bool(got), verdicts, got or f"{said} ({grown[1]:.0f} MB)", walls[1])

    def _open_other(self, course: str) -> tuple[Homework, Zygote]:
        """A homework of the course's own, and its sandbox. The one that was open before is closed."""
        if self._other is None or self._other[0] != course:
            self._close_other()
            homework = load_homework(ROOT, course)
            limits = homework.assignment.limits.model_copy(update={"submission_seconds": AGAINST_SECONDS})
            homework = replace(homework, assignment=homework.assignment.model_copy(update={"limits": limits}))
            sandbox = open_sandbox(homework.assignment, WhereToGrade(self._tier, engine=self._engine), seed=self.seed)
            self._other = course, homework, sandbox.__enter__()
        return self._other[1:]

    def _close_other(self) -> None:
        if self._other is not None:
            self._other[2].close()
            self._other = None

    def _got(self, attack: Attack, grading: Grading, files: dict[str, str]) -> str:
        """What the attack got besides time, or nothing."""
        for canary in CANARIES:
            if any(canary in text for text in files.values()):
                return f"{canary} is in a report"
        by_part = {o.check.part: o for o in grading.outcomes}
        if any(o.verdict is Verdict.INFRA for o in grading.outcomes):
            return "the grader failed: " + by_part[attack.part].staff_detail[-300:]
        cut = (
            grading.notes and "defines no" in by_part["witness"].message
        )  # by a statement of its own that took too long
        if (
            attack.success == "stall"
            and by_part["witness"].verdict not in (Verdict.PASSED, Verdict.BLOCKED)
            and not cut
        ):
            return f"the rest is not graded: {by_part['witness'].message}"
        if attack.success in ("score", "litter"):
            scored = [o.check.name for o in grading.outcomes if o.check.part == attack.part and o.earned]
            return f"points for {', '.join(scored)}" if scored else ""
        if attack.success == "words":
            texts = [o.message for o in grading.outcomes if o.check.part == attack.part]
            ours = [text for text in texts if text.startswith(("All checks", "this assignment", "the grader"))]
            forged = [text for text in ours if not BAN.fullmatch(text)]
            return forged[0] if forged else ""
        if attack.success == "page" and self._browser:
            from tests.hostile.reports import harm

            return harm(files)
        return ""


class Memory(threading.Thread):
    """How much this process's memory grows, looked at a hundred times a second. Use as a context manager."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._base = self._peak = _resident_mb()
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.01):
            self._peak = max(self._peak, _resident_mb())

    def grown(self) -> float:
        """Megabytes at most since this was asked last."""
        grown = self._peak - self._base
        self._base = self._peak = _resident_mb()
        return grown

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def submission(files: bytes | dict[str, bytes], name: str = "somebody") -> Submission:
    """A submission as the intake makes it."""
    if isinstance(files, bytes):
        files = {"hostile.py": files}
    digest = hashlib.sha256(b"".join(path.encode() + content for path, content in sorted(files.items())))
    return Submission(name, files, digest.hexdigest(), name)


def same(one: Grading, other: Grading) -> bool:
    """Whether two gradings are equal in everything but their times."""
    return _timeless(one) == _timeless(other)


def _timeless(grading: Grading) -> Grading:
    outcomes = tuple(
        replace(outcome, seconds=0.0, example=None) for outcome in grading.outcomes
    )  # which the clock cuts
    return replace(grading, outcomes=outcomes, provenance=replace(grading.provenance, started_at="", seconds=0.0))
