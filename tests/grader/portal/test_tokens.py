"""Attempts that take tokens: what is left, what comes back, and that of an attempt without one only the score is seen."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from grader.outcome import Verdict
from grader.portal import line
from grader.portal import tables as t
from grader.report.model import CheckReport, PartReport, Report, Since, Withheld
from grader.report.write import write
from tests.grader.portal.site import token_of
from tests.grader.report import samples

RULES = '[portal]\ntokens = 2\none_every = "12h"\n'
SCORE_ONLY = RULES + 'beyond = "score only"\n'
SENTENCE = "doubles what it is given"


def due(site, hours: float, rules: str) -> None:
    path = site.course / "assignments" / "hw0" / "assignment.toml"
    moment = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    path.write_text(path.read_text().replace("points = ", f"due = {moment}\npoints = ", 1))
    site.change(rules)


def confirm(site, name: str = "ada", *, number: int = 0, **said: str):
    """Hand a draft in. Returns its number and what was answered."""
    number, browser = number or site.draft(name, f"a = {datetime.now(UTC).timestamp()}"), site.browser(name)
    return number, browser.post(f"/hand-ins/{number}/confirm", data={**said, **token_of(browser)})


def finish(site, number: int, why: str = "") -> None:
    with site.book.writing() as connection:
        line.finish(connection, number, why=why)


def spend(site) -> None:
    for _ in range(2):
        number, answer = confirm(site)
        assert answer.headers["location"] == f"/hand-ins/{number}"
        finish(site, number)


def test_an_attempt_takes_a_token_and_without_one_nothing_is_handed_in(site):
    site.change(RULES)
    page = site.browser("ada").get("/homework/hw0").text
    assert "You have 2 of 2 tokens left" in page
    assert "one comes every 12 h" in page
    spend(site)
    page = site.browser("ada").get("/homework/hw0").text
    assert "You have 0 of 2 tokens left" in page
    assert "in 11 h 59 min" in page
    assert "Until then you cannot hand in" in page
    number, answer = confirm(site)
    assert answer.status_code == 400
    assert "You have no token left." in answer.text
    assert site.row(number).state == line.DRAFT
    assert "<button>Hand in" not in site.browser("ada").get(f"/hand-ins/{number}").text
    assert confirm(site, "ben")[1].status_code == 303


def test_a_button_that_is_pressed_twice_takes_one_token(site):
    site.change(RULES)
    number, _ = confirm(site)
    confirm(site, number=number)
    assert "You have 1 of 2 tokens left" in site.browser("ada").get("/homework/hw0").text


def test_two_attempts_at_one_moment_do_not_take_the_same_token(site):
    site.change(RULES.replace("tokens = 2", "tokens = 1"))
    numbers = [site.draft("ada", f"a = {one}") for one in range(line.WAITING)]
    browser, here = site.browser("ada"), threading.Barrier(len(numbers))

    def press(number: int) -> int:
        here.wait()
        return browser.post(f"/hand-ins/{number}/confirm", data=token_of(browser)).status_code

    with ThreadPoolExecutor(len(numbers)) as pool:
        assert sorted(pool.map(press, numbers)) == [303, 400, 400]


def test_a_fault_of_ours_gives_the_token_back_and_a_failed_regrade_does_not(site):
    site.change(RULES)
    (first, _), (second, _) = confirm(site), confirm(site)
    finish(site, first, "the disk is full")
    finish(site, second)
    assert "You have 1 of 2 tokens left" in site.browser("ada").get("/homework/hw0").text
    with site.book.writing() as connection:
        line.again(connection, second, line.RERUN)
    finish(site, second, "the disk is full")
    assert "You have 1 of 2 tokens left" in site.browser("ada").get("/homework/hw0").text


def test_what_grading_died_of_gives_the_token_back(site):
    site.change(RULES)
    confirm(site)
    with site.book.writing() as connection:
        for _ in range(line.TRIES):
            line.take(connection, "hw0")
            line.recover(connection, "hw0")
    assert "You have 2 of 2 tokens left" in site.browser("ada").get("/homework/hw0").text


def test_staff_lift_it_for_a_time(site):
    site.change(RULES)
    spend(site)
    tom = site.browser("tom")
    where = f"/staff/people/{site.user('ada').id}/tokens"
    said = {"homework": "hw0", "hours": "2", "reason": "the network was down", **token_of(tom)}
    for wrong in ({"hours": "nan"}, {"hours": "-1"}, {"reason": ""}, {"homework": "hw9"}):
        assert tom.post(where, data={**said, **wrong}).status_code == 400
    assert tom.post(where, data=said).status_code == 303
    assert "the network was down" in tom.get("/staff/people").text
    page = site.browser("ada").get("/homework/hw0").text
    assert "An attempt takes no token until" in page
    number, answer = confirm(site)
    assert answer.status_code == 303
    assert site.row(number).token_at == ""
    assert not site.row(number).score_only
    assert tom.post(where, data={**said, "hours": "0"}).status_code == 303
    assert confirm(site)[1].status_code == 400
    with site.book.reading() as connection:
        assert [row.act for row in connection.execute(t.audit.select())] == ["no tokens"] * 2


def test_in_the_last_hours_before_the_due_date_nobody_lacks_one(site):
    due(site, 3, RULES + 'never_empty = "4h"\n')
    spend(site)
    assert (
        "In the last 4 h before it is due you may hand in without one" in site.browser("ada").get("/homework/hw0").text
    )
    number, answer = confirm(site)
    assert answer.status_code == 303
    assert site.row(number).token_at == ""
    with site.book.writing() as connection:  # with more days these hours are others
        values = {"homework": "hw0", "user_id": site.user("ada").id, "days": 2.0, "reason": "ill"}
        connection.execute(t.extensions.insert().values(**values))
    assert confirm(site)[1].status_code == 400


CHECK = CheckReport(
    name="test_double", part="double", sentence=SENTENCE, verdict=Verdict.FAILED, score=0.0, max_score=2.0
)


def with_report(site, number: int, before: str = "") -> None:
    """A graded hand-in whose report says more than its score."""
    finish(site, number)
    name = site.row(number).name
    since = Since(attempt=before, won=("test_double",), lost=()) if before else None
    parts = (PartReport(name="double", title="Doubling", score=0.0, max_score=3.0),)
    nothing = Withheld(checks=0, max_score=0.0)
    about = {"assignment": "hw0", "title": "Warm-up", "submission": name, "provenance": samples.provenance()}
    made = Report(score=3.0, max_score=5.0, parts=parts, checks=(CHECK,), since=since, withheld=nothing, **about)
    path = site.portal.place.report_page("hw0", name, for_staff=False)
    write(path, f"<p>{SENTENCE}</p>" + ("since" if before else ""))
    write(path.with_name("report.json"), made.model_dump_json())


def beyond(site) -> int:
    """An attempt of ada's without a token, whose checks have come."""
    spend(site)
    number, answer = confirm(site)
    assert answer.status_code == 400
    assert "Go back" in answer.text
    assert 'name="accepts" value="score only"' in site.browser("ada").get(f"/hand-ins/{number}").text
    assert confirm(site, number=number, accepts="score only")[1].status_code == 303
    row = site.row(number)
    assert (row.score_only, row.token_at) == (True, "")
    return number


def test_of_an_attempt_without_a_token_only_the_score_is_seen_until_staff_show_more(site):
    site.change(SCORE_ONLY)
    number = beyond(site)
    ada, tom = site.browser("ada"), site.browser("tom")
    with site.book.writing() as connection:
        line.take(connection, "hw0")
        line.tell(connection, number, line.CHECK, CHECK.model_dump_json())
    assert SENTENCE not in ada.get(f"/hand-ins/{number}").text
    with_report(site, number, before="ada_attempt2")
    page = ada.get(f"/hand-ins/{number}").text
    assert "Score: 3 / 5" in page
    assert "won" not in page
    assert "iframe" not in page
    assert "won" not in ada.get("/homework/hw0").text
    stream = ada.get(f"/hand-ins/{number}/events").text
    assert "event: state" in stream
    assert "event: check" not in stream
    assert SENTENCE not in stream
    assert ada.get(f"/hand-ins/{number}/report").text == ada.get("/hand-ins/987654/report").text

    assert tom.post(f"/staff/hand-ins/{number}/show", data=token_of(tom)).status_code == 303
    assert SENTENCE in ada.get(f"/hand-ins/{number}/report").text
    assert "1 check won" in ada.get(f"/hand-ins/{number}").text
    assert SENTENCE in ada.get(f"/hand-ins/{number}/events").text


def test_what_the_next_attempt_won_since_one_without_a_token_is_not_told(site):
    site.change(SCORE_ONLY)
    number = beyond(site)
    with_report(site, number)
    with site.book.writing() as connection:
        connection.execute(update(t.hand_ins).values(token_at=""))  # a day later
    later, _ = confirm(site)
    with_report(site, later, before=site.row(number).name)
    ada = site.browser("ada")
    for where in ("/homework/hw0", f"/hand-ins/{later}"):
        assert "check won" not in ada.get(where).text
    page = ada.get(f"/hand-ins/{later}/report").text
    assert SENTENCE in page
    assert 'class="since"' not in page


@pytest.mark.parametrize(("days", "sees"), [(0.0, True), (2.0, False)])
def test_the_student_s_own_due_date_shows_what_was_handed_in_by_then(site, days, sees):
    site.change(SCORE_ONLY)
    number = beyond(site)
    with_report(site, number)
    with site.book.writing() as connection:
        values = {"homework": "hw0", "user_id": site.user("ada").id, "days": days, "reason": "ill"}
        connection.execute(t.extensions.insert().values(**values))
        hour_ago = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="microseconds")
        connection.execute(update(t.hand_ins).where(t.hand_ins.c.id == number).values(submitted_at=hour_ago))
    due(site, -1, "")
    assert (site.browser("ada").get(f"/hand-ins/{number}/report").status_code == 200) == sees
    late, _ = confirm(site, accepts="score only")
    with_report(site, late)
    assert site.browser("ada").get(f"/hand-ins/{late}/report").status_code == 404
