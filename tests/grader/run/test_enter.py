"""Whose hand-ins are and when they came, with what earlier runs were told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from grader.collect.handin import HandIn, Owner
from grader.collect.times import Times
from grader.ledger.records import Kept
from grader.run.enter import identify

LATE = datetime(2027, 3, 23, tzinfo=UTC)


def hand_in(name: str, content: str, when: datetime | None = None) -> HandIn:
    return HandIn(name, content * 64, name, owners=(Owner(id=name),), submitted_at=when)


def run_with(*before: HandIn) -> SimpleNamespace:
    kept = [Kept(number, one, (one.name,)) for number, one in enumerate(before)]
    return SimpleNamespace(run=None, ledger=SimpleNamespace(hand_ins=lambda _: kept, roster=lambda _: []))


def test_a_repaired_file_is_as_late_as_it_was():
    known = identify(run_with(hand_in("s1", "a", LATE)), [hand_in("s1", "b")], None, None)
    assert [(one.sha256[0], one.submitted_at) for one in known.hand_ins] == [("b", LATE)]
    (said,) = known.notes
    assert said.startswith("s1: other content without a time, so the earlier time holds.")
    assert identify(run_with(hand_in("s1", "a", LATE)), [hand_in("s1", "a")], None, None).notes == ()


@pytest.mark.parametrize("more", [{"late": True}, {"attempt": 2}])
def test_what_is_called_late_or_another_attempt_has_no_earlier_time(more):
    known = identify(run_with(hand_in("s1", "a", LATE)), [replace(hand_in("s1", "b"), **more)], None, None)
    assert known.hand_ins[0].submitted_at is None


def test_new_times_hold_for_a_repaired_file():
    times = Times({"s1": ("s1", LATE.replace(day=25))})
    known = identify(run_with(hand_in("s1", "a", LATE)), [hand_in("s1", "b")], None, times)
    assert known.hand_ins[0].submitted_at == LATE.replace(day=25)


def test_who_has_no_time_beside_others_who_have_is_named():
    known = identify(None, [hand_in("s1", "a", LATE), hand_in("s2", "b")], None, None)
    assert known.notes == ("NO TIME: s2. They are taken as handed in in time until `--times` says otherwise.",)
    assert identify(None, [hand_in("s2", "b")], None, None).notes == ()
