"""Whose hand-ins are and when they came, with what earlier runs were told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from grader.collect.handin import HandIn, Owner
from grader.collect.owners import Owners
from grader.collect.roster import Person
from grader.collect.times import Times
from grader.errors import UsageError
from grader.ledger.records import Kept
from grader.run.enter import Said, chosen, identify

LATE = datetime(2027, 3, 23, tzinfo=UTC)


def hand_in(name: str, content: str, when: datetime | None = None) -> HandIn:
    return HandIn(name, content * 64, name, owners=(Owner(id=name),), submitted_at=when)


def run_with(*before: HandIn) -> SimpleNamespace:
    kept = [Kept(number, one, (one.name,)) for number, one in enumerate(before)]
    nothing = SimpleNamespace(hand_ins=lambda _: kept, roster=lambda _: [], times=lambda _: {}, owners=lambda _: {})
    return SimpleNamespace(run=None, ledger=nothing)


def test_a_repaired_file_is_as_late_as_it_was():
    known = identify(run_with(hand_in("s1", "a", LATE)), [hand_in("s1", "b")], Said())
    assert [(one.sha256[0], one.submitted_at) for one in known.hand_ins] == [("b", LATE)]
    (said,) = known.notes
    assert said.startswith("s1: other content without a time, so the earlier time holds.")
    assert identify(run_with(hand_in("s1", "a", LATE)), [hand_in("s1", "a")], Said()).notes == ()


@pytest.mark.parametrize("more", [{"late": True}, {"attempt": 2}])
def test_what_is_called_late_or_another_attempt_has_no_earlier_time(more):
    known = identify(run_with(hand_in("s1", "a", LATE)), [replace(hand_in("s1", "b"), **more)], Said())
    assert known.hand_ins[0].submitted_at is None


def test_new_times_hold_for_a_repaired_file():
    times = Times({"s1": ("s1", LATE.replace(day=25))})
    known = identify(run_with(hand_in("s1", "a", LATE)), [hand_in("s1", "b")], Said(times=times))
    assert known.hand_ins[0].submitted_at == LATE.replace(day=25)


def test_who_has_no_time_beside_others_who_have_is_named():
    known = identify(None, [hand_in("s1", "a", LATE), hand_in("s2", "b")], Said())
    assert known.notes == ("NO TIME: s2. They are taken as handed in in time until `--times` says otherwise.",)
    assert identify(None, [hand_in("s2", "b")], Said()).notes == ()
    (said,) = identify(None, [hand_in("s2", "b")], Said(late_costs=True)).notes
    assert said.startswith("NO TIME: none of the hand-ins says when it came.")
    assert identify(None, [], Said(late_costs=True)).notes == ()


def test_the_times_that_staff_gave_hold_for_a_later_attempt_and_that_is_said():
    run = run_with(hand_in("s1", "a", LATE))
    run.ledger.times = lambda _: {"s1": LATE}
    known = identify(run, [replace(hand_in("s1", "b"), attempt=2)], Said())
    assert known.hand_ins[0].submitted_at == LATE
    assert "the earlier time holds" in known.notes[0]
    dated = identify(run, [replace(hand_in("s1", "b", LATE.replace(day=30)), attempt=2)], Said())
    assert dated.hand_ins[0].submitted_at.day == 30


def test_owners_that_staff_say_take_the_place_of_what_was_matched():
    roster = [Person("s1", "Ada Lee"), Person("s2", "Ben Roe")]
    hand_ins = [hand_in("who", "a"), hand_in("pair", "b")]
    said = Said(roster, owners=Owners({"who": ["Lee, Ada"], "pair": ["s1", "s2"], "gone": ["s1"]}))
    known = identify(None, hand_ins, said)
    assert known.matched.students == {"who": ("s1",), "pair": ("s1", "s2")}
    assert known.matched.strangers == ()
    said_of_gone, said_of_both = known.notes
    assert said_of_gone == "the owners name gone, which is no hand-in here"
    assert said_of_both.startswith("s1 has 2 hand-ins (pair, who), and no time says which one is later")
    dated = replace(said, times=Times({"who": ("who", LATE), "pair": ("pair", LATE.replace(day=24))}))
    assert identify(None, hand_ins, dated).notes == (said_of_gone,)
    with pytest.raises(UsageError, match="nobody in this run is called"):
        identify(None, hand_ins, Said(roster, owners=Owners({"who": ["Zoe"]})))


def test_a_name_that_staff_said_is_of_who_has_not_left():
    run = run_with(hand_in("who", "a"))
    run.ledger.roster = lambda _: [Person("s1", "Ada Lee"), Person("s2", "Ben Roe")]
    run.ledger.owners = lambda _: {"who": ["Ada Lee"]}
    known = identify(run, [], Said([Person("n1", "Ada Lee")]))
    assert known.matched.students == {"who": ("n1",)}
    assert identify(run, [], Said([Person("n3", "Cy Wu")])).matched.students == {"who": ("s1",)}


def test_who_is_not_on_a_new_roster_has_left():
    run = run_with(hand_in("s1", "a"))
    run.ledger.roster = lambda _: [Person("s1", "Ada"), Person("s2", "Ben"), Person("s3", "Cy")]
    known = identify(run, [], Said([Person("s2", "Ben"), Person("n3", "Cy", formerly="s3")]))
    assert [(one.id, one.has_left) for one in known.roster] == [("s2", False), ("n3", False), ("s1", True)]
    assert known.notes == ("Ada (s1): not on this roster any more, so marked as having left the course.",)
    assert known.matched.students == {"s1": ("s1",)}


@pytest.mark.parametrize("only", ["h1", "s1", "ada@x.example", "Lee, Ada", "ada lee", "Lee*"])
def test_one_student_is_chosen_by_any_form_of_their_name(only):
    kept = [Kept(1, hand_in("h1", "a"), ("s1",)), Kept(2, hand_in("h2", "b"), ("s2",))]
    people = [Person("s1", "Lee, Ada", "ada@x.example"), Person("s2", "Roe, Ben")]
    assert chosen(kept, [only], people) == kept[:1]
    with pytest.raises(UsageError, match="--only Ada: no submission and no student here"):
        chosen(kept, ["Ada"], people)
    assert chosen(kept, [], people) == kept
