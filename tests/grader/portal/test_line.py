"""The line: its order, and what becomes of it when who grades is killed."""

from __future__ import annotations

import pytest

from grader.errors import GraderError
from grader.portal import line
from grader.portal import tables as t
from grader.portal.book import Book


def taken(site) -> list[int]:
    found = []
    while True:
        with site.book.writing() as connection:
            row = line.take(connection, "hw0")
        if row is None:
            return found
        found.append(row.id)


def test_live_hand_ins_come_before_regrades_and_these_before_reruns(site):
    rerun = site.hand_in("ada", "a = 1", lane=line.RERUN)
    regrade = site.hand_in("ada", "a = 2", lane=line.REGRADE)
    first, second = site.hand_in("ben", "a = 3"), site.hand_in("ada", "a = 4")
    with site.book.reading() as connection:
        assert line.waiting(connection) == {"hw0": [first, second, regrade, rerun]}
    assert taken(site) == [first, second, regrade, rerun]


def test_what_a_dead_process_had_begun_waits_again_and_is_set_aside_after_three(site):
    number = site.hand_in("ada")
    for _ in range(line.TRIES):
        assert taken(site) == [number]
        with site.book.writing() as connection:
            line.tell(connection, number, line.CHECK, "{}")
            line.recover(connection, "hw0")
    assert site.row(number).state == line.ASIDE
    assert "3 times" in site.row(number).why
    with site.book.writing() as connection:
        assert line.again(connection, number, line.RERUN)
        assert not line.again(connection, number, line.RERUN)
    assert taken(site) == [number]
    with site.book.reading() as connection:
        kinds = [event.kind for event in line.events_after(connection, 0, number)]
    assert kinds == [line.STATE]  # what was said of an earlier grading is not said twice


def test_what_ended_for_a_reason_of_ours_is_never_set_aside_for_it(site):
    number = site.hand_in("ada")
    for _ in range(line.TRIES + 1):
        assert taken(site) == [number]
        with site.book.writing() as connection:
            line.recover(connection, "hw0", is_ours=True)
    assert site.row(number).state == line.QUEUED


def test_attempts_are_counted_for_each_student(site):
    numbers = [site.hand_in("ada", "a = 1"), site.hand_in("ada", "a = 1"), site.hand_in("ben", "a = 1")]
    assert [site.row(number).name for number in numbers] == ["ada_attempt1", "ada_attempt2", "ben_attempt1"]


def test_old_drafts_make_room_and_take_their_files_with_them(site):
    kept = site.hand_in("ada", "a = 0")
    drafts = [site.draft("ada", f"a = {number}") for number in range(1, line.DRAFTS + 3)]
    with site.book.reading() as connection:
        there = set(connection.scalars(t.hand_ins.select().with_only_columns(t.hand_ins.c.id)))
        contents = len(connection.execute(t.contents.select()).all())
    assert there == {kept, *drafts[2:]}
    assert contents == line.DRAFTS + 1


def test_a_search_finds_names_as_they_are_written(site):
    number = site.hand_in("ada")
    with site.book.reading() as connection:
        for words, found in (
            ("ADA", [number]),
            ("ada@", [number]),
            ("%", []),
            ("_attempt1", [number]),
            ("x_ttempt", []),
        ):
            rows = line.search(connection, homework="hw0", state="", words=words, before=0, most=9)
            assert [row.id for row in rows] == found, words
        assert line.search(connection, homework="hw0", state=line.DONE, words="", before=0, most=9) == []


def test_a_database_of_another_version_is_left_as_it_is(site):
    with site.book.writing() as connection:
        connection.execute(t.schema.update().values(version=99))
    with pytest.raises(GraderError, match="has version 99"):
        Book(site.state)
