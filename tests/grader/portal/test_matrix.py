"""Every route × every role × own and others' things. A route that is not in the table fails the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from fastapi.routing import APIRoute

from grader.gradebook.entry import Adjustment
from grader.portal import adjusting, api, entrance, keys, line, people, staff, student
from grader.portal import tables as t
from grader.portal.book import now_text
from tests.grader.portal.site import token_of

ROLES = ("nobody", "ada", "ben", "tom", "ivy")  # ada owns what is asked for; tom is a TA, ivy an instructor


@dataclass(frozen=True)
class Row:
    """What each role is answered. `of`: what {number} stands for."""

    answers: tuple[int, int, int, int, int]
    of: str = ""
    data: dict[str, str] = field(default_factory=dict)
    name: str = "hw0"


STUDENTS_OWN = (303, 200, 404, 404, 404)
CHANGED_BY_OWNER = (303, 303, 404, 404, 404)
OF_STUDENTS = (303, 200, 200, 404, 404)
KEYED = (401, 200, 200, 401, 401)  # staff have no key, and a session is none
KEYED_OWN = (401, 200, 404, 401, 401)
ANYONE = (303, 200, 200, 200, 200)
STAFF = (303, 404, 404, 200, 200)
CHANGED_BY_STAFF = (303, 404, 404, 303, 303)
INSTRUCTOR = (303, 404, 404, 404, 200)
ALL = (200, 200, 200, 200, 200)
NOBODY = (404,) * 5
TABLE = {
    ("GET", "/static/{name}"): Row(ALL, name="portal.css"),
    ("GET", "/login"): Row(ALL),
    ("POST", "/login"): Row((401,) * 5, data={"who": "x", "password": "x"}),
    ("POST", "/logout"): Row((303,) * 5),
    ("GET", "/invitation/{token}"): Row(NOBODY),
    ("POST", "/invitation/{token}"): Row(NOBODY, data={"password": "0123456789", "again": "0123456789"}),
    ("GET", "/forgotten"): Row(ALL),
    ("POST", "/forgotten"): Row(NOBODY, data={"who": "ada"}),
    ("GET", "/"): Row(ANYONE),
    ("GET", "/homework/{name}"): Row(ANYONE),
    ("GET", "/homework/{name}/handout"): Row(ANYONE),
    ("GET", "/homework/{name}/starter"): Row(ANYONE),
    ("POST", "/homework/{name}/hand-ins"): Row((303, 400, 400, 404, 404)),
    ("GET", "/hand-ins/{number}"): Row(STUDENTS_OWN, "graded"),
    ("POST", "/hand-ins/{number}/confirm"): Row(CHANGED_BY_OWNER, "draft"),
    ("GET", "/hand-ins/{number}/events"): Row(STUDENTS_OWN, "graded"),
    ("GET", "/hand-ins/{number}/report"): Row(STUDENTS_OWN, "graded"),
    ("POST", "/hand-ins/{number}/requests"): Row(CHANGED_BY_OWNER, "graded", {"part": "double", "text": "Why?"}),
    ("GET", "/keys"): Row(OF_STUDENTS),
    ("POST", "/keys"): Row(OF_STUDENTS, data={"name": "laptop"}),
    ("POST", "/keys/{number}/revoke"): Row(CHANGED_BY_OWNER, "key"),
    ("GET", "/api/homeworks"): Row(KEYED),
    ("POST", "/api/homeworks/{name}/hand-ins"): Row((401, 400, 400, 401, 401)),  # no file
    ("GET", "/api/hand-ins/{number}"): Row(KEYED_OWN, "graded"),
    ("POST", "/api/hand-ins/{number}/confirm"): Row(KEYED_OWN, "draft"),
    ("GET", "/staff/hand-ins"): Row(STAFF),
    ("GET", "/staff/hand-ins/{number}"): Row(STAFF, "graded"),
    ("GET", "/staff/hand-ins/{number}/report"): Row(STAFF, "graded"),
    ("POST", "/staff/hand-ins/{number}/again"): Row((303, 404, 404, 303, 400), "graded"),  # it waits already
    ("POST", "/staff/hand-ins/{number}/show"): Row(CHANGED_BY_STAFF, "graded"),
    ("POST", "/staff/hand-ins/{number}/points"): Row(
        (303, 404, 404, 303, 400),
        "graded",
        {"points": "1", "reason": "neat", "seen": "1"},  # ivy has not seen tom's
    ),
    ("POST", "/staff/hand-ins/{number}/points/{adjustment}/withdraw"): Row(
        (303, 404, 404, 303, 400),
        "graded",
        {"reason": "a mistake"},  # tom did
    ),
    ("GET", "/staff/requests"): Row(STAFF),
    ("POST", "/staff/requests/{number}"): Row((303, 404, 404, 303, 400), "request", {"answer": "So."}),  # tom did
    ("GET", "/staff/people"): Row(STAFF),
    ("POST", "/staff/people"): Row(INSTRUCTOR, data={"email": "new@uni.example", "role": "TA"}),
    ("POST", "/staff/people/{number}/invitation"): Row(STAFF, "student"),
    ("POST", "/staff/people/{number}/leave"): Row((303, 404, 404, 404, 303), "staff"),
    ("POST", "/staff/people/{number}/extension"): Row(
        CHANGED_BY_STAFF, "student", {"homework": "hw0", "days": "2", "reason": "ill"}
    ),
    ("POST", "/staff/people/{number}/tokens"): Row(
        (303, 404, 404, 400, 400),
        "student",
        {"homework": "hw0", "hours": "2", "reason": "ill"},  # hw0 has no tokens
    ),
    ("GET", "/staff/class/{name}"): Row(STAFF),
    ("GET", "/staff/class/{name}/{hand_in}/report.html"): Row(CHANGED_BY_STAFF),
    ("GET", "/staff/gradebook/{name}"): Row(STAFF),
    ("GET", "/staff/health"): Row(STAFF),
    ("GET", "/staff/audit"): Row(INSTRUCTOR),
}
ROUTES = [
    (method, route.path)
    for routes in (entrance.routes, student.routes, keys.routes, api.routes, staff.routes, adjusting.routes)
    for route in routes.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]


def leaves(routes):
    """All routes of an application, those of its routers included."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from leaves(inner.routes) if inner is not None else [route]


def test_every_route_of_the_application_is_in_the_table(site):
    routes = list(leaves(site.app.routes))
    assert all(isinstance(route, APIRoute) for route in routes)  # no /docs, no /openapi.json, no mounted folder
    assert {(method, route.path) for route in routes for method in route.methods} == set(TABLE)


@pytest.fixture
def ready(site, monkeypatch):
    """The numbers that a route may be asked with."""
    published = site.state / "published"
    published.mkdir()
    (published / "class.html").write_text("the class")
    (published / "gradebook.zip").write_bytes(b"PK")
    monkeypatch.setattr(staff, "_published", lambda *_: published)
    monkeypatch.setattr(student, "_starter", lambda *_: b"PK")
    graded = site.graded("ada")
    with site.book.writing() as connection:
        values = {"hand_in_id": graded, "part": "shift", "text": "?", "made_at": "2027-01-01T00:00:00+00:00"}
        asked = connection.execute(t.requests.insert().values(answer="", answered_by="", **values))
        request = asked.inserted_primary_key[0]
        values = {"key_sha256": "", "user_id": site.user("ada").id, "name": "cluster"}
        key = connection.execute(t.keys.insert().values(made_at=now_text(), **values)).inserted_primary_key[0]
    with site.ledger() as (ledger, run):
        assert ledger.adjust(run, "ada", Adjustment(2.0, "in the office hour", "tom"), datetime.now(UTC)) == 1
    accounts = {"key": key, "student": site.user("ada").id, "staff": site.user("tom").id}
    return {"graded": graded, "draft": site.draft("ada"), "request": request, **accounts, "": 0}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_role_gets_what_is_its_own(site, ready, method, path):
    expected = TABLE[method, path]
    answers = {}
    for role in ("nobody", "ben", "ada", "tom", "ivy"):
        browser = site.browser("" if role == "nobody" else role)
        if role in ("ada", "ben") and path.startswith("/api/"):
            browser.headers["authorization"] = f"Bearer {site.key(role)}"
        token = token_of(browser) if role != "nobody" else {}

        def ask(number: int, browser=browser, token=token):
            row = site.row(ready["graded"])
            where = path.format(number=number, name=expected.name, token="x" * 43, hand_in=row.name, adjustment=1)
            data = {"data": {**expected.data, **token}} if method == "POST" else {}
            return browser.request(method, where, **data)

        answer = ask(ready[expected.of])
        answers[role] = answer.status_code
        if expected.of and role == "ben":
            missing = ask(987_654)
            assert (missing.status_code, missing.text) == (answer.status_code, answer.text)
            assert missing.headers == answer.headers
    assert tuple(answers[role] for role in ROLES) == expected.answers


def test_a_homework_that_is_not_open_yet_is_not_there_for_students(site):
    path = site.course / "assignments" / "hw0" / "assignment.toml"
    path.write_text(path.read_text().replace("points = ", "opens = 2999-01-01T00:00:00+00:00\npoints = ", 1))
    site.portal.place = type(site.portal.place).of(site.course, site.state)
    ada = site.browser("ada")
    for where in ("/homework/hw0", "/homework/hw0/handout", "/homework/hw0/starter"):
        hidden, missing = (ada.get(one) for one in (where, where.replace("hw0", "hw9")))
        assert (hidden.status_code, hidden.text) == (missing.status_code, missing.text)
        assert hidden.status_code == 404
    assert site.browser("tom").get("/homework/hw0").status_code == 200


def test_what_staff_may_do_is_written_down(site, ready):
    browser = site.browser("tom")
    browser.post(
        f"/staff/people/{ready['student']}/extension",
        data={"homework": "hw0", "days": "2", "reason": "ill", **token_of(browser)},
    )
    browser.post(f"/staff/requests/{ready['request']}", data={"answer": "No.", "again": "1", **token_of(browser)})
    with site.book.reading() as connection:
        rows = connection.execute(t.audit.select().order_by(t.audit.c.id)).all()
        assert [(row.by, row.act, row.before, row.after) for row in rows] == [
            ("tom@uni.example", "extension", "0 days", "2 days"),
            ("tom@uni.example", "answer", "", "No."),
        ]
        assert line.extensions(connection, "hw0") == {"ada": 2.0}
        assert line.homework(connection, "hw0").stale
    assert site.row(ready["graded"]).lane == line.REGRADE


def test_a_second_answer_does_not_replace_the_first_and_only_what_is_graded_again_is_said_to_be(site, ready):
    tom, ivy, where = site.browser("tom"), site.browser("ivy"), f"/staff/requests/{ready['request']}"
    with site.book.writing() as connection:
        line.again(connection, ready["graded"], line.RERUN)  # it waits already
    for _ in range(2):
        sent = tom.post(where, data={"answer": "No.", "again": "1", **token_of(tom)})
        assert sent.status_code == 303
    late = ivy.post(where, data={"answer": "Yes.", **token_of(ivy)})
    assert "Tom T has answered this already." in late.text
    with site.book.reading() as connection:
        (row,) = connection.execute(t.audit.select()).all()
        assert (row.about, row.after) == (f"request {ready['request']}", "No.")
        assert connection.execute(t.requests.select()).one().answer == "No."


def test_a_ta_makes_no_link_for_other_staff(site):
    browser = site.browser("tom")
    answer = browser.post(f"/staff/people/{site.user('ivy').id}/invitation", data=token_of(browser))
    assert answer.status_code == 404


def test_an_instructor_takes_staff_out_and_not_themselves(site):
    with site.book.writing() as connection:
        people.add_staff(connection, "old@uni.example", "Old", people.INSTRUCTOR)
        link = people.invite(connection, people.find(connection, "old@uni.example").id)
    ivy, old, number = site.browser("ivy"), site.browser("old"), site.user("old").id
    assert f'action="/staff/people/{number}/leave"' in ivy.get("/staff/people").text
    ivy.post(f"/staff/people/{number}/leave", data=token_of(ivy))
    assert old.get("/staff/people").headers["location"] == "/login"
    assert site.browser().get(f"/invitation/{link}").status_code == 404
    assert "has left" in ivy.get("/staff/audit").text
    answer = ivy.post(f"/staff/people/{site.user('ivy').id}/leave", data=token_of(ivy))
    assert answer.status_code == 400
    assert ivy.get("/staff/people").status_code == 200
    ivy.post("/staff/people", data={"email": "old@uni.example", "role": "TA", **token_of(ivy)})
    assert site.user("old").role == people.TA
