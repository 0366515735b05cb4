from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.collect.handin import HandIn, Owner
from grader.collect.roster import Person
from grader.gradebook.entry import Adjustment
from grader.judging.environment import Environment
from grader.judging.manifest import Manifest
from grader.ledger.database import LedgerError
from grader.ledger.ledger import Ledger
from grader.ledger.records import Key, Run
from grader.report.build import build
from grader.report.marks import Mark
from grader.report.model import Report
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed
from grader.spec import Assignment
from tests.grader import course
from tests.grader.report import samples

ASSIGNMENT = Assignment.model_validate(tomllib.loads(course.ASSIGNMENT))
NOW = datetime(2027, 3, 20, 3, 0, tzinfo=UTC)
MANIFEST = Manifest({"double": "d1", "shift": "s1"}, {"double": "m1", "shift": "m2"})
ENVIRONMENT = Environment({"python": "3.11", "tier": "bubblewrap"}, WhereToGrade("bubblewrap"))
ADA = HandIn(
    "ada", "a" * 64, "class/ada.zip", owners=(Owner("s1", "Ada Lovelace", "ada@example.org"),), submitted_at=NOW
)
BEN = HandIn("ben", "b" * 64, "class/ben.zip")


def report(**changes) -> Report:
    return build(ASSIGNMENT, samples.whole()).model_copy(update=changes)


@pytest.fixture
def ledger(where):
    with Ledger(where) as opened:
        opened.note_key(MANIFEST, "suite", ENVIRONMENT)
        yield opened


@pytest.fixture
def run(ledger) -> Run:
    return ledger.open_run("key", "hw0", None, None, NOW)


def key(run: Run) -> Key:
    return Key(MANIFEST.sha256, ENVIRONMENT.sha256, run.seed.id)


def grade(ledger: Ledger, run: Run, name: str, score: float | None, now: datetime = NOW, why: str = "grade") -> int:
    kept = next(one for one in ledger.hand_ins(run) if one.hand_in.name == name)
    return ledger.grade(kept, key(run), report(score=score), now, why)


def test_a_run_keeps_its_seed(where):
    with Ledger(where) as ledger:
        first = ledger.open_run("key", "hw0", None, NOW, NOW)
    with Ledger(where) as ledger:
        assert ledger.open_run("key", "hw0", None, NOW, NOW) == first
        other = ledger.open_run("other", "hw0", None, NOW, NOW)
        assert other.seed != first.seed
        given = Seed(b"0123456789abcdef")
        assert ledger.open_run("key", "hw0", given, NOW, NOW).seed == given
        assert ledger.open_run("key", "hw0", None, NOW, NOW).seed == given
        assert [one.key for one in ledger.runs()] == ["key", "other"]


def test_a_run_is_of_one_homework(ledger, run):
    with pytest.raises(LedgerError, match="holds a run of hw0 here, not of hw1"):
        ledger.open_run("key", "hw1", None, None, NOW)


def test_a_roster_takes_the_place_of_the_earlier_one(ledger, run):
    ledger.enrol(run, [Person("s2"), Person("s1", "李雷", "l@example.org", "B", "team", 1.5)])
    assert ledger.roster(run) == [Person("s1", "李雷", "l@example.org", "B", "team", 1.5), Person("s2")]
    ledger.enrol(run, [Person("s3", on_roster=False)])
    assert ledger.roster(run) == [Person("s3", on_roster=False)]


def test_hand_ins_come_back_as_they_were(ledger, run):
    odd = HandIn("odd", "c" * 64, "x\u2028y", "It’s empty.", (Owner(name="Zoë"), Owner("2")), 3, None)
    ledger.keep(run, [BEN, odd, ADA], NOW)
    assert [one.hand_in for one in ledger.hand_ins(run)] == [ADA, BEN, odd]
    ledger.assign(run, {"ada": ["s1"], "odd": ["s3", "s2", "s3"]})
    assert [one.students for one in ledger.hand_ins(run)] == [("s1",), (), ("s2", "s3")]
    ledger.assign(run, {"odd": ["s2"]})
    assert [one.students for one in ledger.hand_ins(run)] == [("s1",), (), ("s2",)]


def test_other_content_of_a_name_takes_its_place_and_the_old_grade_stays_in_the_history(ledger, run):
    ledger.keep(run, [ADA, BEN], NOW)
    grade(ledger, run, "ada", 3.0)
    before = ledger.hand_ins(run)
    ledger.keep(run, [ADA, BEN], NOW)
    assert ledger.hand_ins(run) == before
    ledger.keep(run, [replace(ADA, sha256="c" * 64)], NOW)
    ada, ben = ledger.hand_ins(run)
    assert (ada.hand_in.sha256, ada.grade) == ("c" * 64, None)
    assert ben == before[1]
    assert [(one.name, one.score) for one in ledger.history(run)] == [("ada", 3.0)]


def test_a_grade_is_found_by_what_it_was_made_from(ledger, run):
    ledger.keep(run, [ADA, BEN], NOW)
    number = grade(ledger, run, "ada", 3.0)
    assert ledger.finished(key(run)) == {ADA.sha256: number}
    for other in (replace(key(run), judge="x"), replace(key(run), environment="x"), replace(key(run), seed_id="x")):
        assert ledger.finished(other) == {}
    ((found, again),) = ledger.reports([number])
    assert (found, again) == (number, report(score=3.0))
    assert ledger.scores([number]) == {number: 3.0}


def test_what_the_grader_failed_on_is_kept_and_not_finished(ledger, run):
    ledger.keep(run, [ADA], NOW)
    grade(ledger, run, "ada", None)
    assert ledger.finished(key(run)) == {}
    assert [one.score for one in ledger.history(run)] == [None]


def test_the_newest_grade_counts_even_if_the_clock_was_set_back(ledger, run):
    ledger.keep(run, [ADA], NOW)
    grade(ledger, run, "ada", 1.0, NOW)
    newest = grade(ledger, run, "ada", 2.0, NOW - timedelta(days=400))
    (ada,) = ledger.hand_ins(run)
    assert ada.grade == newest
    assert ledger.finished(key(run)) == {ADA.sha256: newest}
    assert [one.score for one in ledger.history(run)] == [1.0, 2.0]


def test_a_grade_that_is_kept_is_nobodys_until_it_is_given(ledger, run):
    ledger.keep(run, [ADA], NOW)
    number = ledger.add_grade(ADA.sha256, key(run), report(score=2.0), NOW)
    (ada,) = ledger.hand_ins(run)
    assert ada.grade is None
    ledger.give({ada.id: number}, NOW, "regrade")
    assert ledger.hand_ins(run)[0].grade == number
    assert [one.why for one in ledger.history(run)] == ["regrade"]


def test_grades_under_other_judges_are_found_with_their_judge(ledger, run):
    ledger.keep(run, [ADA], NOW)
    number = grade(ledger, run, "ada", 2.0)
    other = Manifest({"double": "d2", "shift": "s1"}, {})
    found = ledger.under_other_judges(Key(other.sha256, ENVIRONMENT.sha256, run.seed.id))
    assert found == {ADA.sha256: (number, MANIFEST.sha256)}
    assert ledger.manifest(MANIFEST.sha256) == MANIFEST
    assert ledger.manifest("nobody's") is None


def test_adjustments_stand_until_they_are_withdrawn(ledger, run):
    bonus = Adjustment(2.5, "explained it", "tina")
    first = ledger.adjust(run, "s1", bonus, NOW)
    second = ledger.adjust(run, "s2", Adjustment(-1, "late to the lab", "tom"), NOW)
    assert [(one.id, one.student) for one in ledger.adjustments(run)] == [(first, "s1"), (second, "s2")]
    assert ledger.adjustments(run)[0].adjustment == bonus
    ledger.withdraw(run, second, "tina", "a mistake", NOW)
    assert [one.id for one in ledger.adjustments(run)] == [first]
    for number in (second, 99):
        with pytest.raises(LedgerError, match=f"there is no adjustment {number} in this run"):
            ledger.withdraw(run, number, "tina", "again", NOW)
    other = ledger.open_run("other", "hw0", None, None, NOW)
    assert ledger.adjustments(other) == []
    with pytest.raises(LedgerError, match="no adjustment"):
        ledger.withdraw(other, first, "tina", "another run's", NOW)


def test_late_days_of_homework_that_was_due_earlier_are_spent(ledger):
    runs = [ledger.open_run(f"hw{n}", f"hw{n}", None, NOW + timedelta(days=7 * n), NOW) for n in range(3)]
    for days, one in zip((2, 1, 3), runs, strict=True):
        ledger.spend(one, {"s1": days, "s2": 0})
    ledger.spend(runs[0], {"s1": 1})
    assert ledger.spent_before(runs[2], NOW + timedelta(days=14)) == {"s1": 2}
    assert ledger.spent_before(runs[0], NOW) == {}
    assert ledger.spent_before(runs[1], None) == {}


def test_pages_are_noted_anew(ledger, run):
    ledger.keep(run, [ADA, BEN], NOW)
    ada, ben = ledger.hand_ins(run)
    ledger.note_pages({ada.id: "1", ben.id: "2"})
    ledger.note_pages({ben.id: "3"})
    assert [one.page for one in ledger.hand_ins(run)] == ["1", "3"]


def test_a_class_of_more_than_one_statement_can_hold(ledger, run):
    many = [HandIn(f"s{n:04}", f"{n:064}", "x") for n in range(1200)]
    ledger.keep(run, many, NOW)
    ledger.enrol(run, [Person(one.name) for one in many])
    ledger.assign(run, {one.name: [one.name] for one in many})
    kept = ledger.hand_ins(run)
    number = ledger.add_grade("0" * 64, key(run), report(), NOW)
    ledger.give({one.id: number for one in kept}, NOW)
    ledger.note_pages({one.id: "page" for one in kept})
    assert [(one.students, one.grade, one.page) for one in ledger.hand_ins(run)] == [
        ((one.name,), number, "page") for one in many
    ]


def test_a_hand_in_that_the_database_cannot_take_is_a_fault_and_stops_no_other(ledger, run):
    odd = replace(BEN, origin="\udcff")
    ledger.keep(run, [ADA, odd], NOW)
    ada, ben = (one.hand_in for one in ledger.hand_ins(run))
    assert ada == ADA
    assert (ben.name, ben.is_fault) == ("ben", True)
    assert ben.problem == "The ledger cannot hold what is known of it: UnicodeEncodeError"
    ledger.keep(run, [ADA, BEN], NOW)
    assert [one.hand_in for one in ledger.hand_ins(run)] == [ADA, BEN]


def test_marks_stay_in_their_order_and_go_with_a_student_to_a_new_id(ledger, run):
    ledger.enrol(run, [Person("s1"), Person("s2")])
    mark = Mark(("no_figure",), "=1+1", "ta")
    ledger.mark(run, {("s1", "essay"): mark, ("s2", "essay"): Mark((), "", "tom")}, "tom", NOW)
    ledger.mark(run, {("s2", "essay"): None}, "ben", NOW)
    assert [(one.student, one.mark, one.by) for one in ledger.marks(run)] == [
        ("s1", mark, "ta"), ("s2", Mark((), "", "tom"), "tom"), ("s2", None, "ben")
    ]  # fmt: skip
    ledger.rename("s1", "s9")
    assert [one.student for one in ledger.marks(run)] == ["s9", "s2", "s2"]
    assert ledger.noted(run) == {"s9", "s2"}
    other = ledger.open_run("other", "hw1", None, None, NOW)
    assert (ledger.marks(other), ledger.noted(other)) == ([], set())
