"""What a run reads from its ledger and writes to it. Every method is one transaction: all of it, or nothing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Column, Connection, Engine, and_, delete, func, insert, select, true, update
from sqlalchemy.exc import DataError

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.gradebook.entry import Adjustment
from grader.intake.submission import files_sha256
from grader.judging.environment import Environment
from grader.judging.manifest import Manifest
from grader.ledger import tables as t
from grader.ledger.database import LedgerError, open_engine, shown, spoken
from grader.ledger.records import Given, Kept, Key, Marked, Note, Run, hand_in_of, text, values_of
from grader.report.build import slim
from grader.report.marks import Mark
from grader.report.model import Report
from grader.seed import Seed

T = TypeVar("T")
CHUNK = 500  # values in one statement
REPORTS = 20  # in memory at a time


class Ledger:
    """An open ledger. Use as a context manager; whatever the database complains about is a `LedgerError`."""

    def __init__(self, where: str | Path) -> None:
        self.where = where
        self._engine: Engine = open_engine(where)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with spoken(self.where), self._engine.begin() as connection:
            yield connection

    # -------------------------------------------------------------------------------------------------------- runs

    def open_run(self, key: str, assignment: str, seed: Seed | None, due: datetime | None, now: datetime) -> Run:
        """The run of this key, made if it is not there. A `seed` that is given replaces the run's own.

        Raises `LedgerError` if the key is another homework's.
        """
        with self._transaction() as connection:
            found = connection.execute(select(t.runs).where(t.runs.c.key == key)).one_or_none()
            if found is None:
                seed = seed or Seed.fresh()
                values = {"key": key, "assignment": assignment, "seed": seed.secret.hex(), "started_at": text(now)}
                number = connection.execute(insert(t.runs).values(**values, due=text(due))).inserted_primary_key
                assert number is not None
                return Run(number[0], key, assignment, seed)
            if found.assignment != assignment:
                raise LedgerError(
                    f"the ledger {shown(self.where)} holds a run of {found.assignment} here, not of {assignment}. "
                    "Choose another folder with -o."
                )
            seed = seed or Seed(bytes.fromhex(found.seed))
            values = {"seed": seed.secret.hex(), "due": text(due)}
            connection.execute(update(t.runs).where(t.runs.c.id == found.id).values(**values))
            return Run(found.id, key, assignment, seed)

    def runs(self) -> list[Run]:
        """All runs, those of homework that was due earlier first."""
        order = (t.runs.c.due.is_(None), t.runs.c.due, t.runs.c.id)
        with self._transaction() as connection:
            rows = connection.execute(select(t.runs).order_by(*order)).all()
        return [Run(row.id, row.key, row.assignment, Seed(bytes.fromhex(row.seed))) for row in rows]

    # ---------------------------------------------------------------------------------------------------- students

    def enrol(self, run: Run, people: Sequence[Person]) -> None:
        """Put a roster in place of the run's earlier one."""
        rows = [{"run_id": run.id, **asdict(person)} for person in people]
        with self._transaction() as connection:
            connection.execute(delete(t.students).where(t.students.c.run_id == run.id))
            for chunk in _chunks(rows):
                connection.execute(insert(t.students), chunk)

    def roster(self, run: Run) -> list[Person]:
        """The run's students by id, those included that no roster names."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(t.students).where(t.students.c.run_id == run.id).order_by(t.students.c.id)
            ).all()
        names = Person.__dataclass_fields__
        return [Person(**{name: getattr(row, name) for name in names}) for row in rows]

    def rename(self, old: str, new: str) -> None:
        """Give all that is noted of a student in any run of this ledger to the id that they have now."""
        tables = (t.members, t.adjustments, t.marks, t.late_days, t.owners, t.mails)
        with self._transaction() as connection:
            there = set(connection.scalars(select(t.students.c.run_id).where(t.students.c.id == new)))
            for run in connection.scalars(select(t.students.c.run_id).where(t.students.c.id == old)).all():
                mine = and_(t.students.c.run_id == run, t.students.c.id == old)
                change = delete(t.students) if run in there else update(t.students).values(id=new)
                connection.execute(change.where(mine))
            for table in tables:
                taken = select(table.c[table.primary_key.columns.keys()[0]]).where(table.c.student_id == new)
                is_key = "student_id" in table.primary_key.columns
                free = table.c[table.primary_key.columns.keys()[0]].not_in(taken) if is_key else true()
                connection.execute(update(table).where(table.c.student_id == old, free).values(student_id=new))

    def noted(self, run: Run) -> set[str]:
        """The students of whom staff noted something in a run."""
        found: set[str] = set()
        with self._transaction() as connection:
            for table in (t.adjustments, t.marks):
                found |= set(connection.scalars(select(table.c.student_id).where(table.c.run_id == run.id)))
        return found

    def say_owners(self, run: Run, owners: Mapping[str, Sequence[str]]) -> None:
        """Note whose hand-ins are, as staff say: name → ids. What they said of others stays."""
        with self._transaction() as connection:
            for name, students in owners.items():
                connection.execute(delete(t.owners).where(t.owners.c.run_id == run.id, t.owners.c.name == name))
                for student in dict.fromkeys(students):
                    connection.execute(insert(t.owners).values(run_id=run.id, name=name, student_id=student))

    def owners(self, run: Run) -> dict[str, tuple[str, ...]]:
        """Whose hand-ins are, as staff said."""
        found: dict[str, tuple[str, ...]] = {}
        with self._transaction() as connection:
            for row in connection.execute(select(t.owners).where(t.owners.c.run_id == run.id)):
                found[row.name] = (*found.get(row.name, ()), row.student_id)
        return found

    def say_times(self, run: Run, times: Mapping[str, datetime]) -> None:
        """Note when hand-ins came, as staff say: a hand-in's name, or a student's id → time. Replaces all of before."""
        rows = [{"run_id": run.id, "name": name, "submitted_at": text(moment)} for name, moment in times.items()]
        with self._transaction() as connection:
            connection.execute(delete(t.times).where(t.times.c.run_id == run.id))
            for chunk in _chunks(rows):
                connection.execute(insert(t.times), chunk)

    def times(self, run: Run) -> dict[str, datetime]:
        """When hand-ins came, as staff said."""
        with self._transaction() as connection:
            rows = connection.execute(select(t.times).where(t.times.c.run_id == run.id)).all()
        return {row.name: datetime.fromisoformat(row.submitted_at) for row in rows}

    # ---------------------------------------------------------------------------------------------------- hand-ins

    def keep(self, run: Run, hand_ins: Sequence[HandIn], now: datetime) -> None:
        """Note hand-ins. One whose name is there with other content takes its place; the old one stays on record.

        One that the database cannot take is noted as the grader's fault, and stops no other.
        """
        with self._transaction() as connection:
            rows = connection.execute(select(t.hand_ins).where(_current(run))).all()
            before = {row.name: row for row in rows}
            for hand_in in hand_ins:
                try:
                    with connection.begin_nested():
                        _keep(connection, run, hand_in, before.get(hand_in.name), now)
                except (DataError, ValueError, OverflowError) as error:
                    said = f"The ledger cannot hold what is known of it: {type(error).__name__}"
                    fault = HandIn(hand_in.name, files_sha256({}), "", said, is_fault=True)
                    _keep(connection, run, fault, before.get(hand_in.name), now)

    def assign(self, run: Run, owners: Mapping[str, Sequence[str]]) -> None:
        """Say whose the hand-ins are: name → ids of students."""
        with self._transaction() as connection:
            rows = connection.execute(select(t.hand_ins.c.id, t.hand_ins.c.name).where(_current(run))).all()
            numbers = {row.name: row.id for row in rows if row.name in owners}
            for chunk in _chunks(list(numbers.values())):
                connection.execute(delete(t.members).where(t.members.c.hand_in_id.in_(chunk)))
            pairs = [
                {"hand_in_id": number, "student_id": student}
                for name, number in numbers.items()
                for student in dict.fromkeys(owners[name])
            ]
            for pair_chunk in _chunks(pairs):
                connection.execute(insert(t.members), pair_chunk)

    def hand_ins(self, run: Run, *, superseded: bool = False) -> list[Kept]:
        """The run's hand-ins by name, each with its students and its current grade; or those that others replaced."""
        newest = select(func.max(t.given.c.id)).group_by(t.given.c.hand_in_id)
        given = select(t.given.c.hand_in_id, t.given.c.grade_id, t.given.c.given_at)
        current = given.where(t.given.c.id.in_(newest)).subquery()
        query = (
            select(t.hand_ins, current.c.grade_id, current.c.given_at, t.pages.c.content)
            .outerjoin(current, current.c.hand_in_id == t.hand_ins.c.id)
            .outerjoin(t.pages, t.pages.c.hand_in_id == t.hand_ins.c.id)
            .where(t.hand_ins.c.run_id == run.id, t.hand_ins.c.superseded.is_(superseded))
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
            said = connection.execute(
                select(t.comments).where(t.comments.c.run_id == run.id).order_by(t.comments.c.id)
            ).all()
            mine = connection.execute(select(t.members).join(t.hand_ins).where(t.hand_ins.c.run_id == run.id)).all()
        members: dict[int, list[str]] = {}
        for row in mine:
            members.setdefault(row.hand_in_id, []).append(row.student_id)
        kept = [
            Kept(
                row.id,
                hand_in_of(row),
                tuple(sorted(members.get(row.id, []))),
                row.grade_id,
                row.content or "",
                row.given_at or "",
                tuple(one.text for one in said if one.name == row.name),
            )
            for row in rows
        ]
        return sorted(kept, key=lambda one: one.hand_in.name)

    # ------------------------------------------------------------------------------------------------------ grades

    def note_key(self, manifest: Manifest, suite_sha256: str, environment: Environment) -> None:
        """Note what the next grades are made by."""
        with self._transaction() as connection:
            if not connection.scalar(select(t.judges.c.sha256).where(t.judges.c.sha256 == manifest.sha256)):
                values = {"parts": json.dumps(dict(manifest.parts)), "mistakes": json.dumps(dict(manifest.mistakes))}
                row = {"sha256": manifest.sha256, "suite_sha256": suite_sha256, **values}
                connection.execute(insert(t.judges).values(**row))
            known = select(t.environments.c.sha256).where(t.environments.c.sha256 == environment.sha256)
            if not connection.scalar(known):
                facts = json.dumps(dict(environment.facts), sort_keys=True)
                connection.execute(insert(t.environments).values(sha256=environment.sha256, facts=facts))

    def manifest(self, sha256: str) -> Manifest | None:
        """The digests behind a judge's name."""
        with self._transaction() as connection:
            row = connection.execute(select(t.judges).where(t.judges.c.sha256 == sha256)).one_or_none()
        return None if row is None else Manifest(json.loads(row.parts), json.loads(row.mistakes))

    def finished(self, key: Key) -> dict[str, int]:
        """Submission's hash → its newest grade under this key. What the grader failed on is not finished."""
        query = (
            select(t.grades.c.submission_sha256, func.max(t.grades.c.id))
            .where(_made_by(key), t.grades.c.score.is_not(None))
            .group_by(t.grades.c.submission_sha256)
        )
        with self._transaction() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def under_other_judges(self, key: Key) -> dict[str, tuple[int, str]]:
        """Submission's hash → its newest grade under this environment and seed, and the judge that gave it."""
        same = and_(t.grades.c.environment_sha256 == key.environment, t.grades.c.seed_id == key.seed_id)
        newest = (
            select(func.max(t.grades.c.id))
            .where(same, t.grades.c.score.is_not(None))
            .group_by(t.grades.c.submission_sha256)
        )
        query = select(t.grades.c.submission_sha256, t.grades.c.id, t.grades.c.judge_sha256)
        with self._transaction() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(query.where(t.grades.c.id.in_(newest)))}

    def add_grade(self, submission_sha256: str, key: Key, report: Report, now: datetime) -> int:
        """Keep a grade, which is nobody's yet. Returns its number."""
        with self._transaction() as connection:
            return _insert_grade(connection, submission_sha256, key, report, now)

    def grade(
        self,
        kept: Kept,
        key: Key,
        report: Report,
        now: datetime,
        why: str = "grade",
        page: Callable[[int], str] | None = None,
        content: str = "",
    ) -> int:
        """Keep a grade, give it to a hand-in, note its `page` (see `note_pages`), in one step. Returns its number.

        `content` is what the grade is kept under, the submission's hash unless more makes a difference.
        """
        with self._transaction() as connection:
            number = _insert_grade(connection, content or kept.hand_in.sha256, key, report, now)
            values = {"hand_in_id": kept.id, "grade_id": number, "why": why, "given_at": text(now)}
            connection.execute(insert(t.given).values(**values))
            if page is not None:
                _note_pages(connection, {kept.id: page(number)})
            return number

    def give(self, grades: Mapping[int, int], now: datetime, why: str = "grade") -> None:
        """Give hand-ins (by their number in the ledger) grades that are there."""
        rows = [
            {"hand_in_id": hand_in, "grade_id": grade, "why": why, "given_at": text(now)}
            for hand_in, grade in grades.items()
        ]
        with self._transaction() as connection:
            for chunk in _chunks(rows):
                connection.execute(insert(t.given), chunk)

    def reports(self, numbers: Collection[int]) -> Iterator[tuple[int, Report]]:
        """Grades' staff reports, a few in memory at a time."""
        return self._read(numbers, t.grades.c.report)

    def summaries(self, numbers: Collection[int]) -> Iterator[tuple[int, Report]]:
        """Grades' staff reports without evidence and staff's details (see `slim`): quick to read, small to keep."""
        return self._read(numbers, t.grades.c.summary)

    def _read(self, numbers: Collection[int], column: Column[bytes]) -> Iterator[tuple[int, Report]]:
        for chunk in _chunks(sorted(set(numbers)), REPORTS):
            with self._transaction() as connection:
                query = select(t.grades.c.id, column).where(t.grades.c.id.in_(chunk)).order_by(t.grades.c.id)
                rows = connection.execute(query).all()
            for row in rows:
                yield row[0], Report.model_validate_json(zlib.decompress(row[1]))

    def failures(self) -> dict[str, str]:
        """Submission's hash → when the grader last failed on it."""
        query = (
            select(t.grades.c.submission_sha256, func.max(t.grades.c.graded_at))
            .where(t.grades.c.score.is_(None))
            .group_by(t.grades.c.submission_sha256)
        )
        with self._transaction() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def earlier_grade(self, run: Run, name: str) -> int | None:
        """The newest grade with a score that a hand-in of this name had, whatever it held then."""
        query = (
            select(func.max(t.grades.c.id))
            .select_from(t.given)
            .join(t.hand_ins, t.hand_ins.c.id == t.given.c.hand_in_id)
            .join(t.grades, t.grades.c.id == t.given.c.grade_id)
            .where(t.hand_ins.c.run_id == run.id, t.hand_ins.c.name == name, t.grades.c.score.is_not(None))
        )
        with self._transaction() as connection:
            found: int | None = connection.scalar(query)
        return found

    def scores(self, numbers: Collection[int]) -> dict[int, float | None]:
        """Grades' scores, before lateness and adjustments."""
        found: dict[int, float | None] = {}
        for chunk in _chunks(sorted(set(numbers))):
            with self._transaction() as connection:
                query = select(t.grades.c.id, t.grades.c.score).where(t.grades.c.id.in_(chunk))
                found |= {row.id: row.score for row in connection.execute(query)}
        return found

    def note_pages(self, contents: Mapping[int, str]) -> None:
        """Note what hand-ins' written reports were made from."""
        with self._transaction() as connection:
            _note_pages(connection, contents)

    def history(self, run: Run) -> list[Given]:
        """Every grade that was ever given, in the order in which they were."""
        query = (
            select(t.hand_ins.c.name, t.grades, t.given.c.why, t.given.c.given_at)
            .select_from(t.given)
            .join(t.hand_ins, t.hand_ins.c.id == t.given.c.hand_in_id)
            .join(t.grades, t.grades.c.id == t.given.c.grade_id)
            .where(t.hand_ins.c.run_id == run.id)
            .order_by(t.given.c.id)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return [
            Given(row.name, row.score, row.max_score, row.why, row.given_at, row.judge_sha256, row.submission_sha256)
            for row in rows
        ]

    # ----------------------------------------------------------------------------------------- adjustments, late days

    def adjust(self, run: Run, student: str, adjustment: Adjustment, now: datetime) -> int:
        """Note points given by hand. Returns the adjustment's number."""
        values = {"run_id": run.id, "student_id": student, **asdict(adjustment), "made_at": text(now)}
        with self._transaction() as connection:
            number = connection.execute(insert(t.adjustments).values(**values)).inserted_primary_key
        assert number is not None
        return int(number[0])

    def withdraw(self, run: Run, number: int, by: str, reason: str, now: datetime) -> None:
        """Take an adjustment back; both stay on record. Raises `LedgerError` where there is none to take back."""
        with self._transaction() as connection:
            mine = select(t.adjustments.c.id).where(t.adjustments.c.id == number, t.adjustments.c.run_id == run.id)
            gone = select(t.withdrawals.c.adjustment_id).where(t.withdrawals.c.adjustment_id == number)
            if connection.scalar(mine) is None or connection.scalar(gone) is not None:
                raise LedgerError(f"there is no adjustment {number} in this run that could be withdrawn.")
            values = {"adjustment_id": number, "by": by, "reason": reason, "made_at": text(now)}
            connection.execute(insert(t.withdrawals).values(**values))

    def adjustments(self, run: Run) -> list[Note]:
        """The adjustments that stand, in the order in which they were made."""
        query = (
            select(t.adjustments)
            .outerjoin(t.withdrawals)
            .where(t.adjustments.c.run_id == run.id, t.withdrawals.c.adjustment_id.is_(None))
            .order_by(t.adjustments.c.id)
        )
        with self._transaction() as connection:
            rows = connection.execute(query).all()
        return [Note(row.id, row.student_id, Adjustment(row.points, row.reason, row.by)) for row in rows]

    def mark(self, run: Run, marks: Mapping[tuple[str, str], Mark | None], by: str, now: datetime) -> None:
        """Note marks of parts by hand: (student, part) → mark, or None to take back what `by` says is none."""
        rows = [
            {
                "run_id": run.id,
                "student_id": student,
                "part": part,
                "items": None if mark is None else json.dumps(mark.items),
                "comment": mark.comment if mark is not None else "",
                "by": mark.by if mark is not None else by,
                "made_at": text(now),
            }
            for (student, part), mark in marks.items()
        ]
        with self._transaction() as connection:
            for chunk in _chunks(rows):
                connection.execute(insert(t.marks), chunk)

    def marks(self, run: Run) -> list[Marked]:
        """Every mark that was ever made, in their order: the newest of a student and part holds."""
        with self._transaction() as connection:
            rows = connection.execute(select(t.marks).where(t.marks.c.run_id == run.id).order_by(t.marks.c.id)).all()
        return [
            Marked(
                row.id,
                row.student_id,
                row.part,
                None if row.items is None else Mark(tuple(json.loads(row.items)), row.comment, row.by),
                row.by,
                row.made_at,
            )
            for row in rows
        ]

    def comment(self, run: Run, name: str, words: str, by: str, now: datetime) -> None:
        """Note what staff say about the hand-in of this name; with no words, take back what they said."""
        values = {"run_id": run.id, "name": name, "text": words, "by": by, "made_at": text(now)}
        with self._transaction() as connection:
            if words:
                connection.execute(insert(t.comments).values(**values))
            else:
                connection.execute(delete(t.comments).where(t.comments.c.run_id == run.id, t.comments.c.name == name))

    def comments(self, run: Run) -> dict[str, tuple[str, ...]]:
        """Hand-in's name → what staff said about it."""
        found: dict[str, tuple[str, ...]] = {}
        query = select(t.comments).where(t.comments.c.run_id == run.id).order_by(t.comments.c.id)
        with self._transaction() as connection:
            for row in connection.execute(query):
                found[row.name] = (*found.get(row.name, ()), row.text)
        return found

    def note_mail(self, run: Run, student: str, content: str, state: str, now: datetime) -> None:
        """Note that a student's feedback is being sent, or was."""
        mine = and_(t.mails.c.run_id == run.id, t.mails.c.student_id == student)
        values = {"run_id": run.id, "student_id": student, "content": content, "state": state, "made_at": text(now)}
        with self._transaction() as connection:
            connection.execute(delete(t.mails).where(mine))
            connection.execute(insert(t.mails).values(**values))

    def forget_mail(self, run: Run, student: str) -> None:
        """Note that a student's feedback was not sent after all."""
        mine = and_(t.mails.c.run_id == run.id, t.mails.c.student_id == student)
        with self._transaction() as connection:
            connection.execute(delete(t.mails).where(mine))

    def mails(self, run: Run) -> dict[str, tuple[str, str]]:
        """Student's id → how far sending their feedback went, and what names its content."""
        with self._transaction() as connection:
            rows = connection.execute(select(t.mails).where(t.mails.c.run_id == run.id)).all()
        return {row.student_id: (row.state, row.content) for row in rows}

    def spend(self, run: Run, days: Mapping[str, int]) -> None:
        """Note how many late days students spent on this run's homework."""
        rows = [{"run_id": run.id, "student_id": student, "days": spent} for student, spent in days.items() if spent]
        with self._transaction() as connection:
            connection.execute(delete(t.late_days).where(t.late_days.c.run_id == run.id))
            for chunk in _chunks(rows):
                connection.execute(insert(t.late_days), chunk)

    def spent_before(self, run: Run, due: datetime | None) -> dict[str, int]:
        """Late days spent on homework that was due earlier, by student."""
        if due is None:
            return {}
        query = (
            select(t.late_days.c.student_id, func.sum(t.late_days.c.days))
            .join(t.runs)
            .where(t.runs.c.id != run.id, t.runs.c.due < text(due))
            .group_by(t.late_days.c.student_id)
        )
        with self._transaction() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query)}


def _keep(connection: Connection, run: Run, hand_in: HandIn, old: Any, now: datetime) -> None:
    values = values_of(hand_in)
    if old is not None and (old.sha256, old.submitted_at) == (values["sha256"], values["submitted_at"]):
        if any(getattr(old, name) != value for name, value in values.items()):
            connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == old.id).values(**values))
        return
    if old is not None:
        connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == old.id).values(superseded=True))
    values |= {"run_id": run.id, "collected_at": text(now), "superseded": False}
    connection.execute(insert(t.hand_ins).values(**values))


def _insert_grade(connection: Connection, submission: str, key: Key, report: Report, now: datetime) -> int:
    values = {
        "submission_sha256": submission,
        "judge_sha256": key.judge,
        "environment_sha256": key.environment,
        "seed_id": key.seed_id,
        "score": report.score,
        "max_score": report.max_score,
        "report": zlib.compress(report.model_dump_json().encode(), 3),
        "summary": zlib.compress(slim(report).model_dump_json().encode(), 3),
        "graded_at": text(now),
    }
    number = connection.execute(insert(t.grades).values(**values)).inserted_primary_key
    assert number is not None
    return int(number[0])


def _note_pages(connection: Connection, contents: Mapping[int, str]) -> None:
    for chunk in _chunks(list(contents)):
        connection.execute(delete(t.pages).where(t.pages.c.hand_in_id.in_(chunk)))
        connection.execute(insert(t.pages), [{"hand_in_id": number, "content": contents[number]} for number in chunk])


def _made_by(key: Key) -> Any:
    grades = t.grades.c
    return and_(
        grades.judge_sha256 == key.judge,
        grades.environment_sha256 == key.environment,
        grades.seed_id == key.seed_id,
    )


def _current(run: Run) -> Any:
    return and_(t.hand_ins.c.run_id == run.id, t.hand_ins.c.superseded.is_(False))


def _chunks(values: Sequence[T], size: int = CHUNK) -> Iterable[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))
