"""What programs ask: with a key they hand in and read as the pages do, and nothing more."""

from __future__ import annotations

import re

import pytest

from grader.portal import api, keys, line, people, web
from grader.portal import tables as t
from grader.portal.people import Limiter
from grader.portal.wire import Draft, HandIn, Homeworks
from tests.grader.course import REFERENCE
from tests.grader.portal import test_tokens as played
from tests.grader.portal.site import token_of


def upload(program, *files: tuple[str, bytes]):
    sent = [("files", file) for file in files or [("hw0.py", REFERENCE.encode())]]
    return program.post("/api/homeworks/hw0/hand-ins", files=sent)


def test_a_key_is_shown_once_kept_as_its_hash_and_written_down(site):
    ada = site.browser("ada")
    page = ada.post("/keys", data={"name": "laptop", **token_of(ada)}).text
    key = re.search(r"grader_[\w-]{43}", page)[0]
    assert key not in ada.get("/keys").text
    with site.book.reading() as connection:
        assert keys.of_key(connection, key) == site.user("ada")
        (row,) = connection.execute(t.keys.select()).all()
        (noted,) = connection.execute(t.audit.select()).all()
    assert key not in str(row)
    assert (noted.by, noted.act, noted.about, noted.after) == ("ada", "key", "laptop", "made")
    asked = {"authorization": f"Bearer {key}"}
    assert site.program().get("/api/homeworks", headers=asked).status_code == 200
    ada.post(f"/keys/{row.id}/revoke", data=token_of(ada))
    assert site.program().get("/api/homeworks", headers=asked).status_code == 401
    assert b"grader_" not in b"".join(path.read_bytes() for path in site.state.glob("portal.sqlite*"))


def test_keys_have_a_name_and_a_limit(site):
    ada = site.browser("ada")
    names = ["", *(f"key {number}" for number in range(keys.MOST + 1))]
    codes = [ada.post("/keys", data={"name": name, **token_of(ada)}).status_code for name in names]
    assert codes == [400, *[200] * keys.MOST, 400]


def test_a_new_password_ends_keys_and_so_does_the_roster(site):
    ada, ben = site.program("ada"), site.program("ben")
    with site.book.writing() as connection:
        token = people.invite(connection, site.user("ada").id)
        people.take_out(connection, site.user("ben").id)
    people.accept(site.book, token, "correct horse battery")
    assert [one.get("/api/homeworks").status_code for one in (ada, ben)] == [401, 401]


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer \xe9", "x" * 5_000])
def test_who_brings_no_key_is_told_so_whatever_cookie_comes(site, said):
    ada = site.browser("ada")
    headers = {} if said is None else {"authorization": said.encode("latin-1")}
    answer = ada.get("/api/homeworks", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": api.NO_KEY})
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_opens_no_page(site):
    assert site.program("ada").get("/").headers["location"] == "/login"


def test_hand_in_and_read_what_became_of_it(site):
    ada = site.program("ada")
    draft = Draft.model_validate_json(upload(ada).content)
    assert (draft.files, draft.wanted, draft.fault, draft.late) == ((("hw0.py", len(REFERENCE)),), 2, "", "")
    assert site.row(draft.number).state == line.DRAFT
    for _ in range(2):
        one = HandIn.model_validate_json(ada.post(f"/api/hand-ins/{draft.number}/confirm").content)
    assert (one.state, one.attempt, one.place, one.checks) == ("queued", 1, 1, ())
    with site.book.writing() as connection:
        line.take(connection, "hw0")
        line.tell(connection, draft.number, line.CHECK, played.CHECK.model_dump_json())
    one = HandIn.model_validate_json(ada.get(f"/api/hand-ins/{draft.number}").content)
    assert (one.state, [check.sentence for check in one.checks], one.score) == ("running", [played.SENTENCE], None)
    played.with_report(site, draft.number)
    one = HandIn.model_validate_json(ada.get(f"/api/hand-ins/{draft.number}").content)
    assert (one.state, [check.name for check in one.checks], one.score) == ("done", ["test_double"], 3.0)
    assert one.page.endswith(f"/hand-ins/{draft.number}")
    (its,) = Homeworks.model_validate_json(ada.get("/api/homeworks").content).homeworks
    assert (its.name, its.attempts, its.tokens, its.score, its.closed) == ("hw0", 1, None, 3.0, "")


def test_of_an_attempt_without_a_token_only_the_score_is_told(site):
    site.change(played.SCORE_ONLY)
    number = played.beyond(site)
    ada = site.program("ada")
    with site.book.writing() as connection:
        line.take(connection, "hw0")
        line.tell(connection, number, line.CHECK, played.CHECK.model_dump_json())
    assert played.SENTENCE not in ada.get(f"/api/hand-ins/{number}").text
    played.with_report(site, number)
    answer = ada.get(f"/api/hand-ins/{number}")
    one = HandIn.model_validate_json(answer.content)
    assert (one.score, one.checks, one.is_score_only) == (3.0, (), True)
    assert played.SENTENCE not in answer.text
    draft = Draft.model_validate_json(upload(ada).content)
    assert (draft.tokens.left, draft.tokens.is_whole, draft.tokens.can_go_beyond) == (0, False, True)
    assert ada.post(f"/api/hand-ins/{draft.number}/confirm").status_code == 400
    assert ada.post(f"/api/hand-ins/{draft.number}/confirm", data={"accepts": "score only"}).json()["attempt"] == 4


def test_a_homework_that_takes_no_late_work_is_said_to_be_closed(site):
    played.due(site, -48, "[late]\naccepted = false\n")
    (its,) = Homeworks.model_validate_json(site.program("ada").get("/api/homeworks").content).homeworks
    assert "Late work is not accepted" in its.closed


def test_the_same_limits_hold_and_faults_are_sentences(site):
    ada = site.program("ada")
    fault = upload(ada, ("essay.pdf", b"%PDF-1.4"))
    assert (fault.status_code, "is a PDF" in fault.json()["error"]) == (400, True)
    lost = ada.post("/api/homeworks/hw9/hand-ins", files=[("files", ("a.py", b""))])
    assert (lost.status_code, list(lost.json())) == (404, ["error"])
    for where in ("/api/nothing", "/api/hand-ins/x", "/api/hand-ins/987654"):
        assert ada.get(where).json() == lost.json()
    big = ada.post("/api/hand-ins/1/confirm", content=b"x" * (web.FORM_BYTES + 1))
    assert big.status_code == 413
    site.portal.uploads = Limiter(0, 60)
    assert upload(ada).status_code == 429


def test_an_upload_without_a_key_is_refused_unread(site):
    def unread():
        raise AssertionError("it was read")
        yield b""

    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert site.program().post("/api/homeworks/hw0/hand-ins", content=unread(), headers=kind).status_code == 401
