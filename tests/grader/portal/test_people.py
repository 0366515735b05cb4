"""Accounts and their secrets."""

from __future__ import annotations

import threading

import pytest

from grader.collect.roster import Person
from grader.errors import UsageError
from grader.portal import people
from grader.portal import tables as t
from grader.portal.people import Limiter


def test_an_invitation_holds_for_its_days_and_the_next_one_replaces_it(site):
    with site.book.writing() as connection:
        first, second = (people.invite(connection, site.user("ada").id) for _ in range(2))
        assert people.invited(connection, first) is None
        assert people.invited(connection, second).student == "ada"
        connection.execute(t.invitations.update().values(until="2020-01-01T00:00:00+00:00"))
        assert people.invited(connection, second) is None


def test_a_new_password_ends_all_sessions(site):
    with site.book.writing() as connection:
        old = people.begin(connection, site.user("ada"))
        token = people.invite(connection, site.user("ada").id)
    people.accept(site.book, token, "correct horse battery")
    with site.book.reading() as connection:
        assert people.of_session(connection, old) is None
        kept = connection.scalar(
            t.users.select().with_only_columns(t.users.c.password).where(t.users.c.student == "ada")
        )
    assert kept.startswith("$argon2id$")


def test_a_session_ends_with_its_days(site):
    with site.book.writing() as connection:
        token = people.begin(connection, site.user("ada"))
        connection.execute(t.sessions.update().values(until="2020-01-01T00:00:00+00:00"))
        assert people.of_session(connection, token) is None


def test_an_account_without_a_password_opens_to_none(site):
    assert people.check(site.book, "ada", "") is None
    assert people.check(site.book, "nobody", "x" * 300) is None


def test_two_students_of_one_address_are_told_apart_by_their_ids_only(site):
    with site.book.writing() as connection:
        people.enrol(connection, [Person("S1", "A", "same@uni.example"), Person("s2", "B", "same@uni.example")])
        assert people.find(connection, "same@uni.example") is None
        assert [people.find(connection, who).name for who in ("s1", "S1", " S2 ")] == ["A", "A", "B"]


def test_a_ta_who_is_a_student_too_has_two_accounts(site):
    with site.book.writing() as connection:
        people.add_staff(connection, "ada@uni.example", "Ada, TA", people.TA)
        assert people.find(connection, "Ada@uni.example").role == people.TA
        assert people.find(connection, "ada").role == people.STUDENT


def test_who_has_another_id_now_keeps_account_and_attempts(site):
    number, before = site.hand_in("ada"), site.user("ada")
    with site.book.writing() as connection:
        roster = [
            Person("a1", "Ada A", "ada@uni.example", formerly="x Ada"),
            Person("BEN"),
            Person("eve", formerly="ben"),
        ]
        assert people.enrol(connection, roster) == []
        assert people.find(connection, "ada") is None
        assert people.find(connection, "a1").id == before.id
        assert people.find(connection, "ben").student == "BEN"  # the same id, and no other's former one
        assert people.find(connection, "eve").id != people.find(connection, "ben").id
    assert (site.row(number).user_id, site.row(number).student) == (before.id, "a1")


def test_a_log_in_is_a_student_s_or_staff_s(site):
    with site.book.writing() as connection:
        assert people.enrol(connection, [Person("TOM@uni.example"), Person("eve@uni.example")]) == ["TOM@uni.example"]
        assert people.find(connection, "tom@uni.example").role == people.TA
        with pytest.raises(UsageError, match="student's log-in"):
            people.add_staff(connection, "Eve@uni.example", "Eve", people.TA)
        assert people.find(connection, "eve@uni.example").role == people.STUDENT


@pytest.mark.parametrize("email", ["", "x", "a b@c", "a@b\r\nBcc: c@d"])
def test_an_address_that_is_none_makes_no_account(site, email):
    with site.book.writing() as connection, pytest.raises(UsageError):
        people.add_staff(connection, email, "X", people.TA)


def test_staff_are_no_students_and_students_no_staff(site):
    with site.book.writing() as connection, pytest.raises(UsageError):
        people.add_staff(connection, "x@uni.example", "X", people.STUDENT)


def test_a_flood_of_log_ins_leaves_threads_for_pages_and_counts_for_nobody(site, monkeypatch):
    monkeypatch.setattr(people, "IN_HAND", threading.BoundedSemaphore(1))
    monkeypatch.setattr(people, "WAIT_SECONDS", 0.1)
    site.portal.by_account = Limiter(1, 60)
    with people.IN_HAND:
        answer = site.browser().post("/login", data={"who": "ada", "password": "x"})
    assert answer.status_code == 503
    assert "Many people log in" in answer.text
    assert site.browser().post("/login", data={"who": "ada", "password": "x"}).status_code == 401


def test_who_sends_slowly_holds_nobody_s_turn(site, monkeypatch):
    free = []

    def slowly():
        free.append(people.IN_HAND.acquire(blocking=False))
        people.IN_HAND.release()
        yield b"who=ada&password=x"

    monkeypatch.setattr(people, "IN_HAND", threading.BoundedSemaphore(1))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert site.browser().post("/login", content=slowly(), headers=kind).status_code == 401
    assert free == [True]


def test_who_logs_in_while_others_do_is_waited_for(site, monkeypatch):
    monkeypatch.setattr(people, "IN_HAND", threading.BoundedSemaphore(1))
    people.IN_HAND.acquire()
    threading.Timer(0.2, people.IN_HAND.release).start()
    assert site.browser().post("/login", data={"who": "ada", "password": "x"}).status_code == 401


def test_a_limit_is_for_each_and_ends(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(people.time, "monotonic", lambda: now[0])
    limiter = Limiter(2, 10)
    assert [limiter.allows("a"), limiter.allows("a"), limiter.allows("a"), limiter.allows("b")] == [
        True,
        True,
        False,
        True,
    ]
    limiter.forgive("a")
    assert [limiter.allows("a"), limiter.allows("a")] == [True, False]
    now[0] = 10.0
    assert limiter.allows("a")
