"""Times as platforms and spreadsheets write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.collect.moment import moment_of

LATE = datetime(2027, 5, 7, 23, 59)  # noqa: DTZ001 - on the course's wall


@pytest.mark.parametrize(
    "text",
    [
        "2027-05-07 23:59",
        "Friday, 7 May 2027, 11:59 PM",
        "Freitag, 7. Mai 2027, 23:59",
        "vendredi 7 mai 2027, 23:59",
        "viernes, 7 de mayo de 2027, 23:59",
        "2027年05月7日(五) 23:59",
        "7.5.2027 23:59",
        "07.05.2027 23:59",
        "07.05.2027, 23.59 Uhr",
        "2027年 5月 7日 下午 11:59",
        "2027-05-07 午後11:59",
        "May 7, 2027 1159 PM",
        "7 May, 2027 2359",
        "20270507235900000",
        "2027-05-07-23-59-00",
    ],
)
def test_a_time_is_read_in_the_form_of_each_platform(text):
    assert moment_of(text) == LATE


def test_a_zone_is_kept():
    assert moment_of("2027-05-07 23:59:00.123456 UTC") == LATE.replace(microsecond=123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2027-05-07 23:59:00 -0800", -8),  # Gradescope's table
        ("2027-05-07 23:59:00 +01:00", 1),
        ("07.05.2027 23:59 UTC+2", 2),
        ("Friday, 7 May 2027, 11:59 PM GMT", 0),
    ],
)
def test_a_zone_in_numbers_is_kept(text, hours):
    assert moment_of(text) == LATE.replace(tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "soon", "7 May 2027", "Mar 32, 2027 1145 PM", "\u1369 Mar 2027 11:45 PM"),
        *("2027-05-07 23:59 CET", "07.05.27 23:59"),
    ],
)
def test_what_is_no_time_is_none(text):
    assert moment_of(text) is None


def test_of_two_readings_neither_is_guessed():
    assert moment_of("5/7/2027 23:59") is None
    assert moment_of("5/7/2027 23:59", day_first=True) == LATE.replace(month=7, day=5)
    assert moment_of("5/7/2027 23:59", day_first=False) == LATE
    assert moment_of("27/5/2027 23:59") == LATE.replace(day=27)


def test_a_weeks_day_is_no_month():
    assert moment_of("mardi 9 mars 2027, 10:00") == LATE.replace(month=3, day=9, hour=10, minute=0)
