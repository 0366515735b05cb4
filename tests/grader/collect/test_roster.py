from __future__ import annotations

import csv
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from grader.collect.handin import HandIn, Owner
from grader.collect.match import match
from grader.collect.roster import Person, read_roster
from grader.collect.times import read_times, times_in_roster
from grader.errors import UsageError

ADA = Person("s1", "Ada Lovelace", "ada@example.org", "B", "blue", 2.0)


def roster(tmp_path, content: bytes | str):
    path = tmp_path / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path)


TEXT = "id,name,email,section,group,extension\ns1,Ada Lovelace,ada@example.org,B,blue,2\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        "\ufeff" + TEXT,
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\n\n"),
        f"\r\n , ,\r\n{TEXT}",
        'Extension in days; E-Mail ;Section;Student ID;TEAM;"Name";more\n2,0;ada@example.org;B;s1;blue;Ada Lovelace;x\n',
        "SID,First Name,Last Name,Email,Sections,Group,Extension\ns1,Ada,Lovelace,ada@example.org,B,blue,2\n",
    ],
)
def test_rosters_as_programs_write_them(tmp_path, content):
    assert roster(tmp_path, content) == [ADA]


def test_an_excel_workbook_is_a_roster_too(tmp_path):
    book = Workbook()
    for row in csv.reader(TEXT.splitlines()):
        book.worksheets[0].append(row)
    book.save(tmp_path / "roster.xlsx")
    assert read_roster(tmp_path / "roster.xlsx") == [ADA]


def test_names_in_any_script(tmp_path):
    people = roster(tmp_path, "id;name\n1;李雷\n2;Łukasz Żółć\n3;محمد\n4;Дарья\n")
    assert [person.name for person in people] == ["李雷", "Łukasz Żółć", "محمد", "Дарья"]


def test_canvas_own_table_is_a_roster(tmp_path):
    text = 'Student,ID,SIS User ID,SIS Login ID,Section\n,,,,Manual Posting\n"    Points Possible",,,,\n"Doe, Jane",1001,u1,jane,A\n'
    assert roster(tmp_path, text) == [Person("1001", "Doe, Jane", "", "A", sis_login="jane", sis_id="u1")]


def test_canvas_groups_have_the_ids_of_its_gradebook(tmp_path):
    text = 'name,canvas_user_id,user_id,login_id,sections,group_name\n"Doe, Jane",1001,u1,jane,A,Di 14:00\n'
    (person,) = roster(tmp_path, text)
    assert (person.id, person.sis_id, person.sis_login, person.team) == ("1001", "u1", "jane", "Di 14:00")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "has no column `id`|names nobody"),
        ("id,name\n", "names nobody"),
        ("name,email\nAda,x\n", "has no column `id`; its first line must name the columns"),
        ("id,name\ns1,Ada\ns1,Ben\n", r"lines 2 and 3: id s1 is there twice\. Keep one"),
        ("id,name\ns1,Ada\nS1,Ben\n", "id S1 differs from s1 in case only"),
        ("id,name\n,Ada\n", "line 2: Ada has no id"),
        ("id,formerly\ns1,s2\ns2,\n", "line 2: s2 cannot be s1's former id: it is s2's"),
        ("id,formerly\ns1,old\ns2,x OLD\n", "line 3: OLD cannot be s2's former id: it is s1's"),
        ("id,extension\ns1,two\n", "line 2: 'two' is no extension in days"),
        ("id,extension\ns1,-1\n", "is no extension in days"),
        ("id,extension\ns1,nan\n", "is no extension in days"),
        ("id,name\ns1,Müller\n".encode("latin-1"), 'line 2, is not UTF-8. Save it as "CSV UTF-8"'),
        ('id,name\ns1,"' + "x" * 200_000 + '"\n', "line 2: field larger"),
    ],
)
def test_what_is_wrong_with_a_roster_is_said_with_its_line(tmp_path, content, sentence):
    with pytest.raises(UsageError, match=sentence):
        roster(tmp_path, content)


def test_a_roster_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"the roster .*nowhere\.csv cannot be read: No such file"):
        read_roster(tmp_path / "nowhere.csv")


def times(tmp_path, text: str):
    path = tmp_path / "times.csv"
    path.write_text(text)
    return read_times(path, ZoneInfo("Asia/Taipei"))


def test_times_without_a_zone_are_the_courses(tmp_path):
    read = times(tmp_path, "id,submitted_at\ns1,2027-03-20 03:10\nben,2027-03-20T03:10:00Z\nzoe,2027-01-01\n")
    hand_ins = [HandIn("ada", "0", "x"), HandIn("ben", "1", "x"), HandIn("chen", "2", "x")]
    dated, notes = read.applied(hand_ins, {"ada": ["s1"]})
    assert [one.submitted_at for one in dated] == [
        datetime(2027, 3, 19, 19, 10, tzinfo=UTC),
        datetime(2027, 3, 20, 3, 10, tzinfo=UTC),
        None,
    ]
    assert notes == ["the times name zoe, who handed nothing in here"]


def test_a_platforms_table_has_the_times_of_who_handed_in(tmp_path):
    rows = "Ada,,ada@x.example,2027-03-20 20:10:00 -0800\nBen,7,ben@x.example,\nCy,8,,-\n"
    read = times(tmp_path, f"First Name,SID,Email,Submission Time\n{rows}")
    assert {name: moment.hour for name, moment in read.of.values()} == {"ada@x.example": 20}


def test_times_may_name_students_by_what_else_is_only_theirs(tmp_path):
    read = times(
        tmp_path, "id,submitted_at\nADA@x.example,2027-03-20 03:10\nu2,2027-03-20 03:10\nlab,2027-03-20 03:10\n"
    )
    hand_ins = [HandIn(name, "0", "x") for name in ("a", "b", "c")]
    people = [Person("1", email="ada@x.example"), Person("2", sis_id="u2", login="lab"), Person("3", login="lab")]
    dated, notes = read.applied(hand_ins, {"a": ["1"], "b": ["2"], "c": ["3"]}, people)
    assert [one.submitted_at is not None for one in dated] == [True, True, False]
    assert notes == ["the times name lab, who handed nothing in here"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,submitted_at\ns1,soon\n", "line 2: 'soon' is no time like"),
        ("id,when\ns1,2027-01-01\n", "line 2: the columns id and submitted_at must both have a value"),
        ("id,time\ns1,2027-01-01\nS1,2027-01-02\n", "line 3: S1 is there twice"),
    ],
)
def test_what_is_wrong_with_times_is_said(tmp_path, text, sentence):
    with pytest.raises(UsageError, match=sentence):
        times(tmp_path, text)


def test_moodles_grading_worksheet_is_a_roster_with_times(tmp_path):
    path = tmp_path / "worksheet.csv"
    path.write_text(
        'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Last modified (submission)"\n'
        '"Participant 61001","Ada Lee",ada@x.example,"Submitted",,100.00,"Friday, 7 May 2027, 11:59 PM"\n'
        '"Participant 61002","Ada Lee",ada2@x.example,"No submission",,100.00,-\n'
    )
    people = read_roster(path)
    assert [(one.id, one.participant) for one in people] == [("ada2@x.example", "61002"), ("ada@x.example", "61001")]
    read = times_in_roster(path, ZoneInfo("Asia/Taipei"))
    assert read.of == {"ada@x.example": ("ada@x.example", datetime(2027, 5, 7, 15, 59, tzinfo=UTC))}
    owner = Owner(name="Ada Lee", account="moodle 61002")
    assert match([HandIn("a", "0", "x", owners=(owner,))], people).students == {"a": ("ada2@x.example",)}
    assert times_in_roster(write(tmp_path, TEXT), ZoneInfo("UTC")) is None


def write(tmp_path, content: str):
    path = tmp_path / "other.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (
            "First Name,Last Name,SID,Email,Role\nAda,L,,ada@x.example,Student\nIn,S,i1,i@x.example,Instructor\n",
            ["ada@x.example"],
        ),
        ("username,first_name,last_name,email,section,github_id\nben-r,Ben,R,,A,12\n", ["ben-r"]),
        ("Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Gruppen\nAda,Lee,s1,a@x.example,T1\n", ["s1"]),
        ('"名","姓","學號","電子郵件"\n"明","李","s1","m@x.example"\n', ["s1"]),
        ("sep=;\nid;name\ns1;Ada\n", ["s1"]),
        ("\u200bid,name\n\ufeffs1\u200b,Ada\u200d\n", ["s1"]),
        (
            'Student,ID,SIS User ID,SIS Login ID\n,,,\nx,,,\n"Points Possible",,,\n"Lee, Ada",5,A5,ada\n"Student, Test",9,,ff\n',
            ["5"],
        ),
    ],
)
def test_rosters_of_platforms(tmp_path, content, ids):
    assert [one.id for one in roster(tmp_path, content)] == ids


def test_utf16_without_a_mark(tmp_path):
    assert [one.id for one in roster(tmp_path, TEXT.encode("utf-16-le"))] == ["s1"]


def test_a_student_of_canvas_without_a_number_is_not_lost(tmp_path):
    text = 'Student,ID,SIS User ID,SIS Login ID\n"Points Possible",,,\n"Lee, Ada",5,A5,ada\n"Roe, Ben",,,\n'
    with pytest.raises(UsageError, match="line 4: Roe, Ben has no id"):
        roster(tmp_path, text)


@pytest.mark.parametrize("title", ["extension hw4_norm", "hw4_norm extension", "Extension: hw4 norm"])
def test_an_extension_may_be_of_one_homework(tmp_path, title):
    path = write(tmp_path, f"id,extension,{title},rule\ns1,1,3,\ns2,1,,+2 days on everything\ns3,,,+50 %\n")
    found = {one.id: (one.extension, one.extra_percent) for one in read_roster(path, "hw4_norm")}
    assert found == {"s1": (3, 0), "s2": (3, 0), "s3": (0, 50)}
    assert read_roster(path, "hw5")[0].extension == 1


def test_a_rule_that_is_none_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"line 2: 'whatever' is no rule like"):
        roster(tmp_path, "id,rule\ns1,whatever\n")


def test_who_had_another_id_is_found_by_it(tmp_path):
    people = roster(tmp_path, "id,name,formerly\nn1,Ada,s1\nn2,Ben,\n")
    found = match([HandIn("s1", "0", "x", owners=(Owner(id="s1"),))], people)
    assert found.students == {"s1": ("n1",)}
    both = [HandIn(name, "0", "x", owners=(Owner(id=name),), attempt=n) for n, name in enumerate(("s1", "n1"))]
    assert match(both, people).students == {"s1": ("n1",), "n1": ("n1",)}


def test_times_as_excel_writes_them(tmp_path):
    read = times(tmp_path, "id,submitted_at\ns1,5/7/2027 23:59\ns2,5/27/2027 9:05\n")
    assert [moment.day for _, moment in read.of.values()] == [7, 27]
    with pytest.raises(UsageError, match="is no time like"):
        times(tmp_path, "id,submitted_at\ns1,5/7/2027 23:59\n")
