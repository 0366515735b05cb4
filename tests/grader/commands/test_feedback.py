"""Reports back to the students: as folders, as uploads, by mail; only what a student may see."""

from __future__ import annotations

import csv
import socket
import zipfile
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from grader.collect.handin import HandIn, Owner
from grader.collect.roster import Person
from grader.commands import comment, feedback, mail
from grader.errors import GraderError, UsageError
from tests.grader.commands.runs import made, opened

ROSTER = [
    Person("s1", "Lee, Ada", "ada@x.example"),
    Person("s2", "王小明", "wang@x.example"),
    Person("s3", "Roe, Ben"),
    Person("s4", "Nobody, N", "n@x.example"),
]


def hand_in(name: str, origin: str, account: str, who: str) -> HandIn:
    return HandIn(name, "", origin, owners=(Owner(id=who, account=account),))


HAND_INS = [
    hand_in("leeada_5001", "leeada_5001_9001_hw0.py, leeada_5001_9002_util.py", "canvas 5001", "s1"),
    hand_in("wang_61001", "王小明_61001_assignsubmission_file_", "moodle 61001", "s2"),
    hand_in("roe", "Roe Ben_61002_assignsubmission_file_hw0.py", "moodle 61002", "s3"),
]


@pytest.fixture
def run(tmp_path) -> Path:
    return made(tmp_path / "run", HAND_INS, ROSTER, {"leeada_5001": 5, "wang_61001": 3, "roe": 0})


def test_each_student_has_a_folder_that_a_person_recognises(run, tmp_path, capsys):
    assert feedback.run(run, tmp_path / "out") == 0
    with (tmp_path / "out" / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert rows["s1"]["folder"] == "Lee__Ada_s1"
    assert rows["s2"]["folder"] == "王小明_s2"
    assert (rows["s1"]["score"], rows["s3"]["score"], rows["s4"]["folder"]) == ("5", "0", "")
    assert rows["s4"]["status"] == "nothing handed in"
    for row in rows.values():
        if row["folder"]:
            names = {path.name for path in (tmp_path / "out" / row["folder"]).iterdir()}
            assert names == {"report.html", "report.md"}
    assert "3 students with a report, 1 without" in capsys.readouterr().out


def test_reports_of_an_earlier_call_are_taken_away_where_there_is_none_any_more(run, tmp_path, capsys):
    out = tmp_path / "out"
    feedback.run(run, out)
    (out / "Roe__Ben_s3" / "note.txt").write_text("mine")
    (out / "mine").mkdir()
    (out / "mine" / "report.html").write_text("mine")
    capsys.readouterr()
    feedback.run(made(tmp_path / "again", HAND_INS[1:2], ROSTER, {"wang_61001": 3}), out)
    assert "Taken away, as this run has no such report any more: Lee__Ada_s1, Roe__Ben_s3" in capsys.readouterr().out
    left = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert left == [
        "Roe__Ben_s3/note.txt",
        "index.csv",
        "mine/report.html",
        "moodle.zip",
        "王小明_s2/report.html",
        "王小明_s2/report.md",
    ]


def test_an_index_that_leads_elsewhere_takes_nothing_away(run, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "report.html").write_text("mine")
    (out / "index.csv").write_text("id,folder\ns9,..\ns8,../..\ns7,/etc\n")
    feedback.run(run, out)
    assert (tmp_path / "report.html").read_text() == "mine"


def test_the_archives_are_named_as_the_platforms_ask(run, tmp_path):
    feedback.run(run, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "canvas.zip") as archive:
        assert archive.namelist() == ["leeada_5001_9001_report.html"]
        assert archive.read("leeada_5001_9001_report.html") == (run / "leeada_5001" / "report.html").read_bytes()
    with zipfile.ZipFile(tmp_path / "out" / "moodle.zip") as archive:
        assert archive.namelist() == [
            "Roe Ben_61002_assignsubmission_file_/report.html",
            "王小明_61001_assignsubmission_file_/report.html",
        ]


def test_who_is_in_no_archive_of_their_platform_is_named(tmp_path, capsys):
    hand_ins = [
        hand_in("anon_aB3xY", "anon_aB3xY_9001_hw0.py", "canvas aB3xY", "s1"),
        hand_in("anon_Zz9kQ", "LATE_anon_Zz9kQ_9002_hw0-1.py", "canvas Zz9kQ", "s2"),
        hand_in("anon_00000", "anon_00000_text.html", "canvas 00000", "s3"),
        hand_in("nobody", "Nobody N_61004_assignsubmission_onlinetext", "moodle 61004", "s4"),
    ]
    run = made(tmp_path / "run", hand_ins, ROSTER, {one.name: 0 for one in hand_ins})
    feedback.run(run, tmp_path / "out")
    names = []
    for archive in ("canvas.zip", "moodle.zip"):
        with zipfile.ZipFile(tmp_path / "out" / archive) as packed:
            names += packed.namelist()
    assert names == [
        "LATE_anon_Zz9kQ_9002_report.html",
        "anon_aB3xY_9001_report.html",
        "Nobody N_61004_assignsubmission_file_/report.html",
    ]
    said = capsys.readouterr().out
    assert "NOT IN canvas.zip, as no file of theirs has a name that the platform takes back: Roe, Ben (s3)" in said
    assert "NOT IN moodle.zip" not in said


def test_nothing_of_staffs_is_in_it(run, tmp_path):
    feedback.run(run, tmp_path / "out")
    for path in (tmp_path / "out").rglob("report.*"):
        assert b"Staff view" not in path.read_bytes()
    assert not list((tmp_path / "out").rglob("*.json"))
    with pytest.raises(UsageError, match="lies in the run's folder"):
        feedback.run(run, run / "out")


def test_a_comment_is_in_the_report_and_survives(run, tmp_path):
    assert comment.run(run, "Ada Lee", "Well *done*.", "tom", None, None) == 0
    assert "From staff: Well *done*." in (run / "leeada_5001" / "report.html").read_text()
    with opened(run) as classrun:
        assert classrun.ledger.hand_ins(classrun.run)[0].comments == ("Well *done*.",)
    comment.run(run, "leeada_5001", "", None, None, None)
    assert "From staff" not in (run / "leeada_5001" / "report.html").read_text()
    with pytest.raises(UsageError, match="Nobody, N handed nothing in"):
        comment.run(run, "s4", "x", None, None, None)


class Box:
    """What a server was given; it may refuse one, or hang up in the middle."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], bytes]] = []
        self.refused = ""
        self.dies_at = ""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's own name
        if self.refused in envelope.rcpt_tos:
            return "550 no such mailbox"
        self.got.append((envelope.rcpt_tos, envelope.content))
        if self.dies_at in envelope.rcpt_tos:
            server.transport.close()  # it has the message, and nobody hears of it
        return "250 taken"


@pytest.fixture
def box(tmp_path):
    held = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(held, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    (tmp_path / "mail.toml").write_text(
        f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "ta@x.example"\nsubject = "{{title}}: {{score}}"\n'
    )
    yield held
    controller.stop()


def send(run: Path, **more: bool) -> int:
    return mail.run(run, run.parent / "mail.toml", **{"send": True, "again": False, **more})


def test_a_dry_run_sends_nothing_and_says_who_would_get_what(run, box, capsys):
    assert send(run, send=False) == 0
    said = capsys.readouterr().out
    assert "2 messages to send, 0 sent before." in said
    assert "Lee, Ada (s1), ada@x.example: Warm-up: 5 of 5 points" in said
    assert "Without an e-mail address: Roe, Ben (s3)" in said
    assert box.got == []


def test_each_student_gets_one_message_once(run, box, capsys):
    assert send(run) == 0
    assert sorted(to for to, _ in box.got) == [["ada@x.example"], ["wang@x.example"]]
    content = {to[0]: content for to, content in box.got}["ada@x.example"]
    assert b'filename="report.html"' in content
    assert b"From: ta@x.example" in content
    assert send(run) == 0
    assert len(box.got) == 2
    assert "0 messages to send, 2 sent before." in capsys.readouterr().out
    assert send(run, again=True) == 0
    assert len(box.got) == 4


def test_who_is_refused_is_named_and_tried_again(run, box, capsys):
    box.refused = "ada@x.example"
    assert send(run) == 3
    assert "NOT SENT Lee, Ada (s1): " in capsys.readouterr().out
    box.refused = ""
    assert send(run) == 0
    assert [to for to, _ in box.got] == [["wang@x.example"], ["ada@x.example"]]


def test_what_is_in_doubt_is_listed_and_not_sent_again(run, box, capsys):
    box.dies_at = "ada@x.example"
    with pytest.raises(GraderError, match="failed at s1, whose message is in doubt"):
        send(run)
    box.dies_at = ""
    assert send(run) == 0
    assert "In doubt, for an earlier run ended while it sent them: Lee, Ada (s1)" in capsys.readouterr().out
    assert [to for to, _ in box.got] == [["ada@x.example"], ["wang@x.example"]]
    assert send(run, again=True) == 0
    assert len(box.got) == 4


def test_a_server_that_is_not_there_is_a_sentence(run, tmp_path):
    (tmp_path / "mail.toml").write_text('host = "127.0.0.1"\nport = 1\nsecurity = "none"\nsender = "ta@x.example"\n')
    with pytest.raises(GraderError, match=r"cannot be used: .* Nothing was sent"):
        send(run)


@pytest.mark.parametrize(
    ("text", "said"),
    [("host = 1", "host: "), ("host", "cannot be read"), ('host="x"\nsender="y"\ntext="{no}"', "only name")],
)
def test_a_configuration_that_cannot_be_used_is_a_sentence(tmp_path, text, said):
    (tmp_path / "mail.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        mail.read_config(tmp_path / "mail.toml")
