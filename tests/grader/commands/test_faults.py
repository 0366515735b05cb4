"""A fault of the grader's takes no grade away, and a new suite's grades are not taken back in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.ledger.records import Key
from grader.run.classrun import EARLIER
from grader.run.enter import Said, enter
from grader.run.undoing import undoes
from tests.grader.commands.runs import NOW, give, made, opened, report

HAND_INS = [HandIn("s1", "", "s1"), HandIn("s2", "", "s2")]
ROSTER = [Person("s1", "Ada"), Person("s2", "Ben")]
LATER = NOW + timedelta(days=1)


def entries(classrun, now=LATER):
    return {one.student.id: one for one in classrun.settle(now).entries}


def test_an_earlier_grade_stands_until_a_new_one_is_there(tmp_path):
    made(tmp_path / "run", HAND_INS, ROSTER, {"s1": 5, "s2": 3})
    with opened(tmp_path / "run") as classrun:
        give(classrun, {"s1": None}, LATER)
        assert list(classrun.failed) == [1]
        found = entries(classrun)
        assert [(one.score, one.is_earlier) for one in found.values()] == [(5, True), (3, False)]
        assert found["s1"].problem == EARLIER
        give(classrun, {"s1": 4}, LATER + timedelta(hours=1))
        assert [(one.score, one.is_earlier) for one in entries(classrun).values()] == [(4, False), (3, False)]


def test_the_same_grade_given_again_is_no_earlier_one(tmp_path):
    made(tmp_path / "run", HAND_INS, ROSTER, {"s1": 5, "s2": 3})
    with opened(tmp_path / "run") as classrun:
        give(classrun, {"s1": None}, LATER)
        classrun.give(classrun.ledger.hand_ins(classrun.run), LATER + timedelta(hours=1))
        assert not entries(classrun)["s1"].is_earlier


def test_a_new_file_that_the_grader_fails_on_keeps_the_old_files_grade(tmp_path):
    made(tmp_path / "run", HAND_INS, ROSTER, {"s1": 5, "s2": 3})
    with opened(tmp_path / "run") as classrun:
        enter(classrun, [replace(HAND_INS[0], sha256="f" * 64)], Said())
        give(classrun, {"s1": None}, LATER)
        assert [(one.score, one.is_earlier) for one in entries(classrun).values()] == [(5, True), (3, False)]


def test_without_an_earlier_grade_there_is_none(tmp_path):
    made(tmp_path / "run", HAND_INS, ROSTER, {"s2": 3})
    with opened(tmp_path / "run") as classrun:
        give(classrun, {"s1": None}, LATER)
        assert entries(classrun)["s1"].score is None


def test_what_a_regrade_gave_is_not_taken_back_in_silence(tmp_path):
    made(tmp_path / "run", HAND_INS, ROSTER, {"s1": 5, "s2": 3})
    with opened(tmp_path / "run") as classrun:
        kept = classrun.ledger.hand_ins(classrun.run)
        assert undoes(classrun, kept) == []
        other = Key("e" * 64, classrun.key.environment, classrun.key.seed_id)
        classrun.ledger.note_key(replace_name(classrun.manifest, other.judge), "s" * 64, classrun.environment)
        number = classrun.ledger.add_grade(kept[0].hand_in.sha256, other, report(classrun, "s1", 1), LATER)
        classrun.ledger.give({kept[0].id: number}, LATER, "regrade")
        (said,) = undoes(classrun, classrun.ledger.hand_ins(classrun.run))
        assert said.startswith("1 hand-in had a grade of another suite, from `grader regrade` at 2027-03-22")


def replace_name(manifest, name):
    """A manifest that is called so."""

    class Named(type(manifest)):
        sha256 = name

    return Named(manifest.parts, manifest.mistakes)


def test_an_id_that_changes_keeps_grades_adjustments_and_late_days(tmp_path):
    from grader.gradebook.entry import Adjustment

    made(tmp_path / "run", HAND_INS, ROSTER, {"s1": 4, "s2": 3})
    with opened(tmp_path / "run") as classrun:
        classrun.ledger.adjust(classrun.run, "s1", Adjustment(1, "well explained", "tom"), NOW)
        enter(classrun, [], Said([Person("n1", "Ada", formerly="s1")]))
        found = entries(classrun)
        assert {name: (one.score, one.student.has_left) for name, one in found.items()} == {
            "n1": (5, False),
            "s2": (3, True),
        }
