"""Points by hand, on a submission's page: in the ledger, in the report, and written down."""

from __future__ import annotations

import pytest

from grader.portal import line
from grader.portal import tables as t
from tests.grader.portal.site import token_of
from tests.grader.portal.test_grading import Graded


def give(site, number: int, points: str, reason: str = "neat", seen: str = "", name: str = "tom"):
    browser = site.browser(name)
    said = {"points": points, "reason": reason, "seen": seen, **token_of(browser)}
    return browser.post(f"/staff/hand-ins/{number}/points", data=said)


def standing(site) -> list[tuple[str, float, str, str]]:
    with site.ledger() as (ledger, run):
        notes = ledger.adjustments(run)
    return [(one.student, one.adjustment.points, one.adjustment.reason, one.adjustment.by) for one in notes]


def test_points_that_staff_give_are_in_the_ledger_the_log_and_the_student_s_report(site, tmp_path, monkeypatch):
    number, graded = site.hand_in("ada"), Graded(site, tmp_path, monkeypatch)
    graded.serve(score=3.0)
    answer = give(site, number, "-1.5", "explained nothing <b>at all</b>")
    assert answer.headers["location"] == f"/staff/hand-ins/{number}#points"
    assert standing(site) == [("ada", -1.5, "explained nothing <b>at all</b>", "tom@uni.example")]
    with site.book.reading() as connection:
        (row,) = connection.execute(t.audit.select()).all()
        assert line.homework(connection, "hw0").stale
    assert (row.by, row.act, row.before, row.after) == ("tom@uni.example", "points", "0", "-1.5")
    assert row.about == "ada in hw0: explained nothing <b>at all</b>"
    page = site.browser("tom").get(f"/staff/hand-ins/{number}").text
    assert "<b>-1.5</b> explained nothing &lt;b&gt;at all&lt;/b&gt;" in page
    graded.serve()  # which takes in what staff changed
    assert site.portal.place.report("hw0", "ada_attempt1").score == 1.5
    report = site.browser("ada").get(f"/hand-ins/{number}/report").text
    assert "explained nothing" in report
    assert "tom@uni.example" not in report


def test_a_button_that_is_pressed_twice_gives_once_and_nobody_gives_unseen(site):
    number = site.graded("ada")
    with site.ledger():
        pass
    assert [give(site, number, "2").status_code for _ in range(2)] == [303, 303]
    unseen = give(site, number, "1", name="ivy")
    assert unseen.status_code == 400
    assert "Somebody has given or taken points since." in unseen.text
    assert give(site, number, "1", seen="1", name="ivy").status_code == 303
    assert [points for _, points, *_ in standing(site)] == [2.0, 1.0]


def test_points_are_withdrawn_once_with_a_reason_and_only_the_student_s_own(site):
    number, other = site.graded("ada"), site.hand_in("ben")
    with site.ledger():
        pass
    give(site, number, "2")
    tom = site.browser("tom")

    def withdraw(hand_in: int, reason: str = "a mistake") -> int:
        said = {"reason": reason, **token_of(tom)}
        return tom.post(f"/staff/hand-ins/{hand_in}/points/1/withdraw", data=said).status_code

    assert [withdraw(other), withdraw(number, ""), withdraw(number), withdraw(number)] == [400, 400, 303, 400]
    assert standing(site) == []
    with site.book.reading() as connection:
        rows = connection.execute(t.audit.select().order_by(t.audit.c.id)).all()
    assert [(row.about, row.before, row.after) for row in rows] == [
        ("ada in hw0: neat", "0", "2"),
        ("ada in hw0: a mistake", "2", "0"),
    ]


@pytest.mark.parametrize(
    ("points", "reason"), [("0", "x"), ("nan", "x"), ("1e9", "x"), ("two", "x"), ("", "x"), ("1", " ")]
)
def test_what_makes_no_sense_is_refused(site, points, reason):
    number = site.graded("ada")
    with site.ledger():
        pass
    assert give(site, number, points, reason).status_code == 400
    assert standing(site) == []
    with site.book.reading() as connection:
        assert connection.execute(t.audit.select()).all() == []


def test_where_nothing_was_graded_nothing_is_given(site):
    number = site.hand_in("ada")
    answer = give(site, number, "1")
    assert (answer.status_code, "Nothing of this student was graded yet" in answer.text) == (400, True)
