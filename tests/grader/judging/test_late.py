from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judging.late import days_late, deadline, deduction, duration, lateness
from grader.spec import LatePolicy

TAIPEI, BERLIN, NEW_YORK, LORD_HOWE = map(
    ZoneInfo, ("Asia/Taipei", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
)
DUE = datetime(2027, 3, 20, 3, 0, tzinfo=TAIPEI)  # "Sat 3 AM"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)

zones = st.sampled_from([TAIPEI, BERLIN, NEW_YORK, LORD_HOWE, ZoneInfo("UTC")])
moments = st.floats(0, 2 * 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + seconds * SECOND)
spans = st.floats(0, 30 * 86400).map(lambda seconds: timedelta(seconds=seconds))
policies = st.builds(
    LatePolicy,
    accepted=st.booleans(),
    grace_minutes=st.floats(0, 120),
    percent_per_day=st.floats(0, 100),
    at_most_percent=st.floats(0, 100),
    last_day=st.none() | st.integers(1, 10),
)
scores = st.floats(0, 100)


def taken(policy, due, submitted, zone, score=100.0, **more) -> float:
    return deduction(lateness(policy, due, submitted, zone, **more), score, 100)


def test_the_lectures_rule_due_saturday_3_am_no_late_submission():
    policy = LatePolicy(accepted=False)
    assert lateness(policy, DUE, DUE, TAIPEI).reason == ""
    late = lateness(policy, DUE, DUE + timedelta(seconds=1), TAIPEI)
    assert late.refused
    assert late.reason == "Handed in 1 s after it was due (Sat 20 Mar 2027 03:00 CST). Late work is not accepted."
    assert deduction(late, 83.5, 100) == 83.5


def test_percent_per_started_day_with_a_cap():
    policy = LatePolicy(percent_per_day=10, at_most_percent=25)
    for hours, percent in ((0, 0), (1, 10), (24, 10), (24.1, 20), (48.1, 25), (1000, 25)):
        assert lateness(policy, DUE, DUE + hours * HOUR, TAIPEI).percent == percent
    said = lateness(policy, DUE, DUE + 50 * HOUR, TAIPEI).reason
    assert said.endswith("3 started days. 10 % of the assignment's points for each, at most 25 %: 25 %.")


def test_lateness_takes_no_more_than_there_is():
    assert taken(LatePolicy(percent_per_day=10), DUE, DUE + 30 * HOUR, TAIPEI, score=5) == 5


def test_within_the_grace_minutes_nothing_is_late_and_after_them_all_of_it_is():
    policy = LatePolicy(grace_minutes=10, percent_per_day=10)
    assert lateness(policy, DUE, DUE + timedelta(minutes=10), TAIPEI).seconds == 0
    late = lateness(policy, DUE, DUE + timedelta(minutes=11), TAIPEI)
    assert (late.seconds, late.days, late.percent) == (660, 1, 10)


def test_late_days_are_spent_as_far_as_they_go():
    policy = LatePolicy(percent_per_day=10)
    late = lateness(policy, DUE, DUE + 50 * HOUR, TAIPEI, late_days=2)
    assert (late.days, late.covered, late.percent) == (3, 2, 10)
    assert (
        "3 started days, 2 covered by late days. 10 % of the assignment's points for each of the others" in late.reason
    )


def test_where_late_work_is_not_accepted_late_days_cover_all_of_it_or_are_kept():
    policy = LatePolicy(accepted=False)
    covered = lateness(policy, DUE, DUE + 30 * HOUR, TAIPEI, late_days=2)
    assert (covered.refused, covered.covered, covered.percent) == (False, 2, 0)
    short = lateness(policy, DUE, DUE + 30 * HOUR, TAIPEI, late_days=1)
    assert (short.refused, short.covered) == (True, 0)
    assert short.reason.endswith("Late work is not accepted, and 1 day of late days left would not cover it.")


def test_after_the_last_day_nothing_is_accepted_and_no_late_day_is_spent():
    late = lateness(LatePolicy(last_day=2), DUE, DUE + 49 * HOUR, TAIPEI, late_days=9)
    assert (late.refused, late.covered) == (True, 0)


def test_an_extension_moves_the_due_date():
    assert lateness(LatePolicy(accepted=False), DUE, DUE + 2 * DAY, TAIPEI, extension=2).reason == ""
    late = lateness(LatePolicy(), DUE, DUE + 2 * DAY + HOUR, TAIPEI, extension=2)
    assert "1 h after it was due (Mon 22 Mar 2027 03:00 CST, with 2 days of extension)" in late.reason


@pytest.mark.parametrize(
    ("due", "hours"),
    [
        (datetime(2027, 3, 27, 12, 0, tzinfo=BERLIN), 23),  # clocks go forward on 28 March
        (datetime(2027, 10, 30, 12, 0, tzinfo=BERLIN), 25),  # and back on 31 October
        (datetime(2027, 6, 1, 12, 0, tzinfo=BERLIN), 24),
    ],
)
def test_a_day_ends_when_the_clock_on_the_wall_shows_the_time_again(due, hours):
    end = due.astimezone(UTC) + hours * HOUR
    assert deadline(due, BERLIN, 1) == end
    assert days_late(due, end, BERLIN) == 1
    assert days_late(due, end + timedelta(seconds=1), BERLIN) == 2


def test_a_time_that_does_not_exist_or_exists_twice_is_read_in_the_students_favour():
    skipped = deadline(datetime(2027, 3, 27, 2, 30, tzinfo=BERLIN), BERLIN, 1)  # 2:30 is skipped on the 28th
    assert skipped == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    twice = deadline(datetime(2027, 10, 30, 2, 30, tzinfo=BERLIN), BERLIN, 1)  # 2:30 comes twice on the 31st
    assert twice == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_the_due_dates_own_offset_does_not_matter():
    same = DUE.astimezone(UTC)
    assert lateness(LatePolicy(percent_per_day=10), same, same + 26 * HOUR, TAIPEI) == lateness(
        LatePolicy(percent_per_day=10), DUE, DUE + 26 * HOUR, TAIPEI
    )


def test_without_a_due_date_or_a_time_nothing_is_late():
    assert lateness(LatePolicy(accepted=False), None, DUE, TAIPEI).reason == ""
    assert lateness(LatePolicy(accepted=False), DUE, None, TAIPEI).reason == ""


@given(policies, moments, zones, spans, scores, st.integers(0, 5), st.floats(0, 10))
def test_a_deduction_is_never_negative_and_never_more_than_the_score(policy, due, zone, span, score, days, extension):
    late = lateness(policy, due, due + span, zone, late_days=days, extension=extension)
    assert 0 <= deduction(late, score, 100) <= score
    assert 0 <= late.covered <= min(days, late.days)
    assert 0 <= late.percent <= policy.at_most_percent
    assert bool(late.reason) == bool(late.seconds)


@given(policies, moments, zones, spans, spans)
def test_handing_in_later_never_costs_less(policy, due, zone, one, more):
    early = lateness(policy, due, due + one, zone)
    later = lateness(policy, due, due + one + more, zone)
    assert early.days <= later.days
    assert deduction(early, 70, 100) <= deduction(later, 70, 100)


@given(policies, moments, zones, spans, st.floats(0, 10), st.floats(0, 10))
def test_a_longer_extension_never_costs_more(policy, due, zone, span, extension, more):
    plain = taken(policy, due, due + span, zone, extension=extension)
    assert taken(policy, due, due + span, zone, extension=int(extension) + 1 + more) <= plain + 1e-9


@given(policies, moments, zones, spans, st.integers(0, 5))
def test_one_late_day_more_never_costs_more(policy, due, zone, span, days):
    assert taken(policy, due, due + span, zone, late_days=days + 1) <= taken(
        policy, due, due + span, zone, late_days=days
    )


@given(policies, moments, zones, st.floats(0, 30 * 86400))
def test_what_is_handed_in_in_time_is_never_late(policy, due, zone, seconds):
    assert lateness(policy, due, due - timedelta(seconds=seconds), zone) == lateness(policy, due, None, zone)


@given(moments, zones, st.integers(0, 30), st.floats(0.5, 82_000))
def test_started_days_are_counted_by_deadlines(due, zone, day, seconds):
    """Within day n + 1 after the due date n + 1 days are started; no day is shorter than 23 hours."""
    assert days_late(due, deadline(due, zone, day) + timedelta(seconds=seconds), zone) == day + 1


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "1 s"),
        (59, "59 s"),
        (61, "1 min"),
        (3720, "1 h 2 min"),
        (86400 + 3600, "1 day 1 h"),
        (2 * 86400, "2 days"),
    ],
)
def test_durations_read_as_people_say_them(seconds, said):
    assert duration(seconds) == said
