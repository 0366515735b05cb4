"""What a page is guarded by: sessions, the origin of forms, limits, headers, and what uploads may be."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from grader.portal import entrance, handing, line, people, student, upload, web
from grader.portal import tables as t
from grader.portal.course import ROSTER
from grader.portal.people import Limiter
from grader.portal.web import COOKIE
from tests.grader.course import REFERENCE
from tests.grader.portal.site import ADDRESS, token_of

PASSWORD = "correct horse battery"


def invited(site, name: str) -> str:
    with site.book.writing() as connection:
        return people.invite(connection, site.user(name).id)


def upload_of(browser, *files: tuple[str, bytes], token: dict[str, str] | None = None):
    sent = [("files", file) for file in files]
    return browser.post("/homework/hw0/hand-ins", data=token_of(browser) if token is None else token, files=sent)


def test_an_invitation_sets_a_password_once_and_the_password_opens(site):
    token, browser = invited(site, "ada"), site.browser()
    assert "Welcome, Ada A" in browser.get(f"/invitation/{token}").text
    short = browser.post(f"/invitation/{token}", data={"password": "short", "again": "short"})
    other = browser.post(f"/invitation/{token}", data={"password": PASSWORD, "again": PASSWORD + "r"})
    assert (short.status_code, other.status_code) == (400, 400)
    come = browser.post(f"/invitation/{token}", data={"password": PASSWORD, "again": PASSWORD})
    assert (come.status_code, come.headers["location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    assert browser.get(f"/invitation/{token}").status_code == 404
    for who in ("ada", "ADA@uni.example "):
        answer = site.browser().post("/login", data={"who": who, "password": PASSWORD})
        assert answer.status_code == 303
    assert site.browser().post("/login", data={"who": "ada", "password": PASSWORD + "r"}).status_code == 401


def test_a_session_is_new_at_each_log_in_hidden_from_scripts_and_ends_at_log_out(site):
    token = invited(site, "ada")
    browser = site.browser()
    browser.cookies.set(COOKIE, "chosen-by-somebody-else")
    answer = browser.post(f"/invitation/{token}", data={"password": PASSWORD, "again": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    own = re.search(rf"{COOKIE}=([\w-]+)", cookie)[1]
    assert own != "chosen-by-somebody-else"
    browser.cookies.clear()
    browser.cookies.set(COOKIE, own)
    with site.book.reading() as connection:
        assert people.of_session(connection, own).student == "ada"
        raw = connection.exec_driver_sql("SELECT token_sha256 FROM sessions").scalar()
    assert raw != own
    browser.post("/logout", data=token_of(browser))
    thief = site.browser()
    thief.cookies.set(COOKIE, own)
    assert thief.get("/").headers["location"] == "/login"


def test_behind_tls_no_neighbour_can_set_the_cookie(site):
    site.portal.address = "https://portal.example"
    token, browser = invited(site, "ada"), site.browser()
    cookie = browser.post(f"/invitation/{token}", data={"password": PASSWORD, "again": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("__Host-grader_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    own = cookie.partition(";")[0]
    assert browser.get("/", headers={"cookie": own}).status_code == 200
    planted = own.replace("__Host-", "")
    assert browser.get("/", headers={"cookie": planted}).status_code == 303


def test_who_guesses_is_held_up(site, monkeypatch):
    monkeypatch.setattr(people, "check", lambda *_: None)
    browser = site.browser()
    codes = [browser.post("/login", data={"who": "ada", "password": "x"}).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    assert browser.post("/login", data={"who": "ben", "password": "x"}).status_code == 401


def test_an_account_has_a_limit_over_all_addresses_by_whichever_name(site, monkeypatch):
    monkeypatch.setattr(people, "check", lambda *_: None)
    site.portal.by_account_everywhere = Limiter(3, 60)
    codes = []
    for name, address in (("ada", "2001:db8::1"), ("ADA@uni.example", "192.0.2.1"), ("ada", "x"), ("ada", "192.0.2.2")):
        browser = site.browser()
        browser._transport.client = (address, 1)
        codes.append(browser.post("/login", data={"who": name, "password": "x"}).status_code)
    assert codes == [401, 401, 401, 429]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_address_is_counted_by_its_network(address, counted):
    assert entrance._address(web.Request({"type": "http", "client": (address, 1)})) == counted


def test_the_same_is_said_whether_there_is_such_an_account(site):
    asked = []
    site.portal.mail = lambda to, subject, text: asked.append((to, text))
    answers = [site.browser().post("/forgotten", data={"who": who}) for who in ("ada", "nobody", "")]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    ((to, text),) = asked
    assert to == "ada@uni.example"
    link = re.search(rf"{re.escape(ADDRESS)}(/invitation/\S+)", text)[1]
    assert site.browser().get(link).status_code == 200


def test_links_that_others_ask_for_are_few_and_undo_none(site):
    asked, first = [], invited(site, "ada")
    site.portal.mail = lambda to, subject, text: asked.append(to)
    for who in ("ada", "ADA@uni.example", "ada", "ada"):
        assert site.browser().post("/forgotten", data={"who": who}).status_code == 200
    assert asked == ["ada@uni.example"] * 3
    assert site.browser().get(f"/invitation/{first}").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": ADDRESS, "sec-fetch-site": "same-site"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"origin": "", "sec-fetch-site": ""},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(site, headers):
    number, browser = site.draft("ada"), site.browser("ada")
    answer = browser.post(f"/hand-ins/{number}/confirm", data=token_of(browser), headers=headers)
    assert answer.status_code == 403
    assert site.row(number).state == line.DRAFT


def test_a_form_without_its_session_s_token_changes_nothing(site):
    number, browser = site.draft("ada"), site.browser("ada")
    for data in ({}, {"token": "0" * 64}, token_of(site.browser("ada"))):
        assert browser.post(f"/hand-ins/{number}/confirm", data=data).status_code == 403
    assert upload_of(browser, ("hw0.py", b"x = 1"), token={}).status_code == 403
    assert site.row(number).state == line.DRAFT


@pytest.mark.parametrize(
    "where",
    [
        "/hand-ins/x",
        "/hand-ins/1.5",
        f"/hand-ins/{2**63}",
        f"/hand-ins/{10**30}/events",
        "/nothing",
        "/docs",
        "/openapi.json",
        "/static/../web.py",
    ],
)
def test_an_address_that_is_none_is_answered_as_what_is_not_there(site, where):
    browser = site.browser("ada")
    answer, missing = browser.get(where), browser.get("/hand-ins/987654")
    assert (answer.status_code, answer.text) == (404, missing.text)


def test_another_host_s_name_is_no_address_of_the_portal(site):
    assert site.browser().get("/login", headers={"host": "evil.example"}).status_code == 421


def test_private_pages_are_not_kept_and_run_no_script_of_others(site):
    number = site.graded("ada")
    browser = site.browser("ada")
    for where in ("/", f"/hand-ins/{number}", f"/hand-ins/{number}/report", "/login", "/nothing"):
        headers = browser.get(where).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src 'self'" in browser.get("/").headers["content-security-policy"]
    assert "unsafe" not in browser.get("/").headers["content-security-policy"]
    report = browser.get(f"/hand-ins/{number}/report").headers["content-security-policy"]
    assert report.startswith("sandbox;")
    assert "script-src" not in report


def test_more_than_may_come_is_refused_while_it_comes(site, monkeypatch):
    assert site.browser().post("/login", content=b"x" * (web.FORM_BYTES + 1)).status_code == 413

    def pieces():
        for _ in range(3):
            yield b"x" * web.FORM_BYTES

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert site.browser().post("/login", content=pieces(), headers=kind).status_code == 413


@pytest.mark.parametrize("named", ["charset=punycode", 'CharSet="idna"', "charset*0=puny; charset*1=code"])
def test_a_form_that_chooses_its_codec_is_refused_before_it_is_read(site, named):
    kind = {"content-type": f"multipart/form-data; boundary=x; {named}"}
    assert site.browser().post("/login", content=unread(), headers=kind).status_code == 415


def test_an_upload_is_shown_before_it_counts_and_then_waits_in_the_line(site):
    browser = site.browser("ada")
    answer = upload_of(browser, ("hw0.py", b"def double(x):\n    return 2 * x\n"))
    where = answer.headers["location"]
    page = browser.get(where).text
    assert "Defines 1 of 2 functions" in page
    assert "<code>shift</code>" in page
    number = int(where.rpartition("/")[2])
    assert site.row(number).state == line.DRAFT
    for _ in range(2):  # a button that is pressed twice hands in once
        assert browser.post(f"{where}/confirm", data=token_of(browser)).headers["location"] == where
    row = site.row(number)
    assert (row.state, row.attempt, row.name) == (line.QUEUED, 1, "ada_attempt1")
    assert "Number 1 in the line" in browser.get(where).text
    with site.book.reading() as connection:
        assert line.files_of(connection, row.sha256) == {"hw0.py": b"def double(x):\n    return 2 * x\n"}
    assert site.portal.supervisor.wanted


def test_three_attempts_of_a_student_may_wait_and_no_more(site):
    first, *_ = [site.hand_in("ada") for _ in range(3)]
    number, browser = site.draft("ada"), site.browser("ada")
    answer = browser.post(f"/hand-ins/{number}/confirm", data=token_of(browser))
    assert answer.status_code == 400
    assert "Three of your attempts wait already." in answer.text
    assert site.row(number).state == line.DRAFT
    with site.book.writing() as connection:
        line.finish(connection, first)
    browser.post(f"/hand-ins/{number}/confirm", data=token_of(browser))
    assert site.row(number).state == line.QUEUED
    other, ben = site.draft("ben"), site.browser("ben")
    ben.post(f"/hand-ins/{other}/confirm", data=token_of(ben))
    assert site.row(other).state == line.QUEUED


def test_more_time_by_percentage_moves_the_due_date_that_a_student_reads(site):
    path = site.course / "assignments" / "hw0" / "assignment.toml"
    due = "opens = 2020-01-01T12:00:00+00:00\ndue = 2020-01-11T12:00:00+00:00\npoints = "
    path.write_text(path.read_text().replace("points = ", due, 1))
    site.portal.place = type(site.portal.place).of(site.course, site.state)
    (site.state / ROSTER).write_text(
        "id,name,email,rule\nada,Ada A,ada@uni.example,+50 %\nben,Ben B,ben@uni.example,\n"
    )
    assert "Was due Thu 16 Jan 2020" in site.browser("ada").get("/").text
    assert "Was due Sat 11 Jan 2020" in site.browser("ben").get("/").text


def test_after_the_due_date_nobody_chooses_among_uploads_of_before(site):
    now = datetime.now(UTC)
    path = site.course / "assignments" / "hw0" / "assignment.toml"
    due = now - timedelta(minutes=20)
    path.write_text(path.read_text().replace("points = ", f"due = {due.isoformat()}\npoints = ", 1))
    site.portal.place = type(site.portal.place).of(site.course, site.state)
    older, newer, late = numbers = [site.draft("ada") for _ in range(3)]
    with site.book.writing() as connection:
        for number, minutes in zip(numbers, (40, 30, 10), strict=True):
            moment = (now - timedelta(minutes=minutes)).isoformat(timespec="microseconds")
            own = line.t.hand_ins.update().where(line.t.hand_ins.c.id == number)
            connection.execute(own.values(submitted_at=moment))
    browser = site.browser("ada")
    for number in (newer, older, late):  # also once the newest is handed in
        answer = browser.post(f"/hand-ins/{number}/confirm", data=token_of(browser))
        assert ("only the newest one" in answer.text) == (number == older)
    assert [site.row(number).state for number in numbers] == [line.DRAFT, line.QUEUED, line.QUEUED]


def archive(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, text in files.items():
            opened.writestr(name.replace("_py", ".py"), text)
    return made.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        [("work.zip", archive(hw0_py=REFERENCE))],
        [("hw0/hw0.py", REFERENCE.encode()), ("hw0/helper.py", b"x = 1\n")],
        [("../../hw0.py", REFERENCE.encode())],
        [("C:\\Users\\ada\\hw0.py", REFERENCE.encode())],
        [("ada.py", REFERENCE.encode())],
    ],
)
def test_archives_folders_and_odd_paths_are_read_as_always(site, files):
    browser = site.browser("ada")
    answer = upload_of(browser, *files)
    assert answer.status_code == 303, answer.text
    assert "Defines 2 of 2 functions" in browser.get(answer.headers["location"]).text
    assert {path.name for path in site.state.iterdir()} <= {
        "portal.sqlite",
        "portal.sqlite-wal",
        "portal.sqlite-shm",
        "roster.csv",
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("essay.pdf", b"%PDF-1.4")], "is a PDF"),
        ([("hw0.py", b"x"), ("hw0.py", b"y")], "is there twice"),
        ([("a/" * 20 + "hw0.py", b"x")], "too long"),
        ([("work.zip", b"PK\x03\x04 no archive")], "archive"),
    ],
)
def test_what_cannot_be_taken_in_is_said(site, files, said):
    answer = upload_of(site.browser("ada"), *files)
    assert answer.status_code == 400
    assert said in answer.text


def test_a_full_disk_is_said_and_nothing_is_handed_in(site, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upload, "taken_in", full)
    browser = site.browser("ada")
    assert upload_of(browser, ("hw0.py", b"x = 1\n")).status_code == 503
    with site.book.reading() as connection:
        assert line.counts(connection) == {}


def test_what_a_killed_server_had_taken_in_is_swept(site, monkeypatch):
    def killed(where, _assignment):
        shutil.copytree(where.parent, where.parent.with_name(where.parent.name + "left"))
        raise OSError

    monkeypatch.setattr(upload, "read_submission", killed)
    assert upload_of(site.browser("ada"), ("a.py", b"1"), ("b.py", b"2")).status_code == 503
    (left,) = site.state.glob("*left")
    upload.sweep(site.state)
    assert not left.exists()
    assert (site.state / ROSTER).exists()


def test_names_that_are_hostile_are_shown_as_text(site):
    browser = site.browser("ada")
    answer = upload_of(browser, ("<img src=x onerror=alert(1)>.pdf", b"x"))
    assert "<img" not in answer.text
    assert "&lt;img src=x" in answer.text


def test_an_upload_that_waited_for_hours_is_handed_in_no_more(site, monkeypatch):
    number, browser = site.draft("ada"), site.browser("ada")
    monkeypatch.setattr(line, "DRAFT_HOURS", -1.0)
    answer = browser.post(f"/hand-ins/{number}/confirm", data=token_of(browser))
    assert answer.status_code == 400
    assert site.row(number).state == line.DRAFT


def test_uploads_and_requests_have_a_limit(site):
    site.portal.uploads, site.portal.writes = Limiter(1, 60), Limiter(1, 60)
    browser, number = site.browser("ada"), site.graded("ada")
    codes = [upload_of(browser, ("hw0.py", b"x = 1\n")).status_code for _ in range(2)]
    asked = [{"part": "double", "text": text, **token_of(browser)} for text in ("Why?", "Why not?")]
    codes += [browser.post(f"/hand-ins/{number}/requests", data=one).status_code for one in asked]
    assert codes == [303, 429, 303, 429]


def unread():
    raise AssertionError("it was read")
    yield b""


UPLOAD = {"content-type": "multipart/form-data; boundary=x"}


def test_an_upload_that_is_too_many_is_refused_unread(site):
    browser, ada, ben = site.browser("ada"), site.user("ada").id, site.user("ben").id
    site.portal.uploading[ada] = web.UPLOADS_OF_ONE
    own = browser.post("/homework/hw0/hand-ins", content=unread(), headers=UPLOAD)
    site.portal.uploading[ada], site.portal.uploading[ben] = 0, web.UPLOADS
    others = browser.post("/homework/hw0/hand-ins", content=unread(), headers=UPLOAD)
    assert [own.status_code, others.status_code] == [429, 429]
    assert "Other uploads are under way." in own.text
    site.portal.uploading.clear()
    for _ in range(web.UPLOADS_OF_ONE + 1):
        assert upload_of(browser, ("hw0.py", b"x = 1\n")).status_code == 303
    site.portal.uploads = Limiter(0, 60)
    assert browser.post("/homework/hw0/hand-ins", content=unread(), headers=UPLOAD).status_code == 429


def test_a_form_that_does_not_end_is_given_up(site, monkeypatch):
    async def endless(*_, **__):
        await asyncio.sleep(60)

    monkeypatch.setattr(web, "FORM_SECONDS", 0.01)
    monkeypatch.setattr(web.Request, "form", endless)
    answer = site.browser().post("/login", data={"who": "ada"})
    assert answer.status_code == 408
    assert "too long to arrive" in answer.text


def test_too_many_files_and_a_token_that_is_none_are_said(site):
    browser = site.browser("ada")
    answer = upload_of(browser, *[(f"{one}.py", b"") for one in range(upload.MOST_FILES + 1)])
    assert answer.status_code == 400
    assert "Maximum number of files is 500." in answer.text
    assert browser.post("/logout", data={"token": "\u00e9"}).status_code == 403


def test_a_request_that_is_sent_twice_is_one_and_five_may_wait(site):
    number, browser = site.graded("ada"), site.browser("ada")
    asked = [{"part": "double", "text": f"Why {one}?", **token_of(browser)} for one in range(student.OPEN_REQUESTS + 1)]
    answers = [browser.post(f"/hand-ins/{number}/requests", data=one) for one in (asked[0], *asked)]
    assert [answer.status_code for answer in answers] == [303] * 6 + [429]
    assert "Five requests of yours wait" in answers[-1].text
    with site.book.reading() as connection:
        assert len(connection.execute(t.requests.select()).all()) == student.OPEN_REQUESTS


def test_a_draft_that_made_room_is_said_to_be_gone(site):
    first, *_ = [site.draft("ada", f"a = {one}") for one in range(line.DRAFTS + 1)]
    browser = site.browser("ada")
    answer = browser.post(f"/hand-ins/{first}/confirm", data=token_of(browser))
    assert answer.status_code == 404
    assert "Upload it again." in answer.text


def test_an_answer_reaches_the_student_who_asked(site):
    number, ada, tom = site.graded("ada"), site.browser("ada"), site.browser("tom")
    ada.post(
        f"/hand-ins/{number}/requests", data={"part": "shift", "text": "My shift is <b>right</b>", **token_of(ada)}
    )
    inbox = tom.get("/staff/requests").text
    assert "My shift is &lt;b&gt;right&lt;/b&gt;" in inbox
    asked = re.search(r'action="(/staff/requests/\d+)"', inbox)[1]
    tom.post(asked, data={"answer": "So it is.", **token_of(tom)})
    assert "So it is." in ada.get(f"/hand-ins/{number}").text


def test_who_is_no_longer_on_the_roster_cannot_come_in(site):
    browser = site.browser("ben")
    with site.book.writing() as connection:
        people.enrol(connection, [one for one in handing.roster_of(site.state) if one.id != "ben"])
    assert browser.get("/").headers["location"] == "/login"
