"""What platforms name their downloads: whose each hand-in is, and when it came."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.collect import autolab, blackboard
from grader.collect.collect import collect
from grader.collect.match import match
from grader.collect.roster import Person
from grader.errors import UsageError
from grader.spec import Assignment, Part

PART = Part(name="a", title="A", points=1)
ASSIGNMENT = Assignment(name="hw", title="Homework", points=1, files=("norm.py",), parts=(PART,))
TAIPEI = ZoneInfo("Asia/Taipei")


def put(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return folder


def read(folder: Path):
    return collect([folder], ASSIGNMENT, None, folder.parent / "out", TAIPEI)


def students(folder: Path, *roster: Person) -> dict[str, tuple[str, ...]]:
    return dict(match(read(folder).hand_ins, roster).students)


def test_canvas_puts_its_number_before_the_last_suffix(tmp_path):
    import io
    import tarfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("norm.py")
        info.size = 6
        archive.addfile(info, io.BytesIO(b"x = 1\n"))
    for name in ("leeada_5001_9001_hw4.tar.gz", "leeada_5001_9002_hw4.tar-1.gz", "roeben_5002_9003_hw4-2.tar.gz"):
        (tmp_path / name).write_bytes(packed.getvalue())
    (tmp_path / "wucy_5003_9004_hw4.tar.gz-3").write_bytes(packed.getvalue())
    assert [(one.problem, one.attempt) for one in read(tmp_path).hand_ins] == [("", 2), ("", 3), ("", 4)]


@pytest.mark.parametrize("name", ["norm.PY", "norm.py.txt", "norm (1).py", "Norm.py", "norm.py-1"])
def test_a_file_that_is_taken_under_another_name_leaves_its_hand_in_the_name_of_its_student(tmp_path, name):
    names = [f"leeada_5001_9001_{name}", f"roeben_5002_9002_{name}"]
    found = read(put(tmp_path / "download", *names))
    assert [one.name for one in found.hand_ins] == ["leeada_5001", "roeben_5002"]


@pytest.mark.parametrize("suffix", ["file_", "file"])
def test_with_blind_marking_each_number_is_a_person(tmp_path, suffix):
    put(tmp_path, *(f"Participant_4100{n}_assignsubmission_{suffix}/norm.py" for n in (1, 2, 3)))
    found = students(tmp_path)
    assert sorted(found.values()) == [("Participant 41001",), ("Participant 41002",), ("Participant 41003",)]


def test_two_people_of_one_name_are_two(tmp_path):
    put(tmp_path, *(f"Jane Doe_5100{n}_assignsubmission_file_/norm.py" for n in (1, 2)))
    roster = (Person("s1", "Jane Doe"), Person("s2", "Jane Doe"))
    found = match(read(tmp_path).hand_ins, roster)
    assert sorted(found.students.values()) == [("Jane Doe 51001",), ("Jane Doe 51002",)]
    assert all("Jane Doe is 2 people on the roster (s1, s2)" in note for note in found.notes)


@pytest.mark.parametrize("ids", [("5001", "5002"), ("A1", "A2")])
def test_a_group_of_canvas_is_all_of_its_members(tmp_path, ids):
    put(tmp_path, "projectgroup1_5001_9001_norm.py", "chuan_5009_9002_norm.py")
    roster = [
        Person(number, name, team="Project Group 1") for number, name in zip(ids, ("Ada Lee", "Ben Roe"), strict=True)
    ]
    found = students(tmp_path, *roster, Person("c", "An Chu"))
    assert found == {"projectgroup1_5001": ids, "chuan_5009": ("c",)}


def test_who_is_named_like_a_group_takes_nothing_from_it(tmp_path):
    put(tmp_path, "projectgroup1_5001_9001_norm.py", "projectgroup1_5009_9002_norm.py")
    roster = [Person(number, name, team="Project Group 1") for number, name in (("A1", "Ada Lee"), ("A2", "Ben Roe"))]
    found = match(read(tmp_path).hand_ins, roster)
    assert not {"A1", "A2"} & {student for ids in found.students.values() for student in ids}
    assert sum("another hand-in matches as well or better" in note for note in found.notes) == 2


@pytest.mark.parametrize(
    "roster", [(Person("s1", login="ben-r"), Person("s2", login="ada")), (Person("ben-r"), Person("ada"))]
)
def test_a_github_user_may_have_a_hyphen(tmp_path, roster):
    put(tmp_path, "hw4-ben-r/norm.py", "hw4-ada/norm.py")
    assert students(tmp_path, *roster) == {"hw4-ben-r": (roster[0].id,), "hw4-ada": (roster[1].id,)}


def test_what_all_names_begin_with_is_no_users(tmp_path):
    put(tmp_path, "hw4-conv-ben-r/norm.py", "hw4-conv-r/norm.py", "hw4-conv-Ada/norm.py")
    roster = [Person("s1", login="Ben-R"), Person("s2", login="r"), Person("s3", login="ada")]
    assert students(tmp_path, *roster) == {
        "hw4-conv-ben-r": ("s1",),
        "hw4-conv-r": ("s2",),
        "hw4-conv-Ada": ("s3",),
    }
    found = match(read(tmp_path).hand_ins, [*roster, Person("eve", login="conv-r")])
    assert found.students["hw4-conv-r"] not in {("s2",), ("eve",)}


def test_a_team_of_github_classrooms_is_all_of_its_members(tmp_path):
    put(tmp_path, "hw4-the-2nd-team/norm.py", "hw4-solo/norm.py", "hw4-s1/norm.py")
    roster = [Person("s1"), *(Person(f"s{n}", team="The 2nd team") for n in (2, 3)), Person("s4", team="solo")]
    found = {"hw4-the-2nd-team": ("s2", "s3"), "hw4-solo": ("s4",), "hw4-s1": ("s1",)}
    assert students(tmp_path, *roster) == found
    put(tmp_path, "hw4-The2nd-Team/norm.py")
    assert students(tmp_path, *roster)["hw4-the-2nd-team"] == ("hw4-the-2nd-team",)


def test_blackboards_attempts_have_their_times(tmp_path):
    start = "Homework 4_{}_attempt_2027-03-0{}-12-00-00"
    names = [
        start.format(who, day) + end
        for who, day in (("adal", 1), ("adal", 2), ("benr", 1))
        for end in (".txt", "_norm.py")
    ]
    put(tmp_path, *names, f"{start.format('cyw', 3)}.txt")
    found = {one.name: (one.attempt, one.submitted_at, one.problem) for one in read(tmp_path).hand_ins}
    noon = datetime(2027, 3, 1, 12, tzinfo=TAIPEI)
    assert found == {
        "adal": (1, noon, ""),
        "adal_attempt2": (2, noon.replace(day=2), ""),
        "benr": (1, noon, ""),
        "cyw": (1, noon.replace(day=3), "Nothing was handed in but what was typed into Blackboard."),
    }
    assert students(tmp_path, Person("s1", login="adal"))["adal_attempt2"] == ("s1",)


def test_a_file_that_is_named_like_an_attempt_says_neither_whose_nor_when(tmp_path):
    start = "HW_{}_attempt_2027-03-09-12-00-00_"
    put(tmp_path, start.format("eve") + "x_attempt_2020-01-01-00-00-00_norm.py", start.format("ben") + "norm.py")
    found = {one.name: one.submitted_at.year for one in read(tmp_path).hand_ins}
    assert found == {"ben": 2027, "eve": 2027}


def test_blackboards_users_may_have_an_underscore(tmp_path):
    put(tmp_path, *(f"HW 4_{who}_attempt_2027-03-01-12-00-00_norm.py" for who in ("a_smith", "b_smith", "x_ben")))
    roster = [Person("a_smith"), Person("s2", login="b_smith"), Person("ben")]
    assert list(students(tmp_path, *roster).values()) == [("a_smith",), ("s2",), ("x_ben",)]


def test_a_group_that_is_named_like_somebody_takes_nothing(tmp_path):
    put(tmp_path, "wuben_102_777_norm.py", "leeada_103_778_norm.py")
    roster = [Person("s1", "Ben Wu"), Person("s2", "Eve X", team="Wu Ben"), Person("s3", "Mallory Y", team="Wu Ben")]
    found = match(read(tmp_path).hand_ins, roster)
    assert found.students["wuben_102"] == ("102",)
    assert any("wuben is a group (s2, s3), and somebody else's name (s1)" in note for note in found.notes)


@pytest.mark.parametrize(
    "name", ["111-9 - Team 7 - Mar 2, 2027 100 PM/norm.py", "Team 7_55_assignsubmission_file_/norm.py"]
)
def test_who_is_called_like_a_team_excludes_it_and_is_listed(tmp_path, name):
    own = name.replace("111", "222").replace("55", "66")
    put(tmp_path, name, own)
    found = match(read(tmp_path).hand_ins, [Person("s1", "Ada", team="Team 7"), Person("s2", "Ben", team="Team 7")])
    assert not {"s1", "s2"} & {student for ids in found.students.values() for student in ids}
    assert len(found.notes) >= 2


def test_a_login_that_was_chosen_takes_nothing(tmp_path):
    put(tmp_path, "hw4-x-ben/norm.py", "hw4-ben/norm.py", "hw4-carol/norm.py")
    roster = [Person("s1", login="ben"), Person("s2", login="hw4"), Person("s3", login="carol")]
    found = students(tmp_path, *roster)
    assert found["hw4-carol"] == ("s3",)
    assert found["hw4-x-ben"] != ("s1",) != found["hw4-ben"]


def test_a_login_is_no_id_of_somebody_elses(tmp_path):
    put(tmp_path, "s1001/norm.py", "other/norm.py")
    found = match(read(tmp_path).hand_ins, [Person("s1001", "Ada"), Person("s2", "Eve", login="s1001")])
    assert found.students["s1001"] not in {("s1001",), ("s2",)}
    assert any("s1001 is the id of s1001, and the login of s2" in note for note in found.notes)
    put(tmp_path / "canvas", "leeada_555_900_norm.py", "wuben_556_901_norm.py")
    roster = (Person("s1", "Ada Lee"), Person("s2", "Ben Wu", login="555"))
    assert students(tmp_path / "canvas", *roster) == {"leeada_555": ("s1",), "wuben_556": ("s2",)}


def test_a_file_of_doubtful_owner_is_a_hand_in_of_its_own(tmp_path):
    put(tmp_path, "wuben_102_777_norm.py", "wuben_102_103_5003_x.py", "leeada_104_778_norm.py")
    found = {one.name: one.sha256 for one in read(tmp_path).hand_ins}
    assert len(found) == 3


def test_two_strangers_of_one_name_stay_two_whatever_a_third_is_called(tmp_path):
    put(
        tmp_path,
        *(f"{who}_{n}_assignsubmission_file_/norm.py" for who, n in (("Ada Lee", 1), ("Ada Lee", 2), ("Ada Lee 1", 3))),
    )
    assert len(set(students(tmp_path).values())) == 3


@pytest.mark.parametrize(("text", "hour"), [("105 PM", 13), ("1205 PM", 12), ("105 AM", 1), ("1145 PM", 23)])
def test_brightspaces_hours_may_have_one_digit(tmp_path, text, hour):
    put(
        tmp_path,
        f"1-9 - Ada Lee - Mar 1, 2020 0100 AM - Mar 9, 2027 {text}/norm.py",
        "2-9 - Ben Roe - Mar 9, 2027 900 AM/norm.py",
    )
    first = next(one for one in read(tmp_path).hand_ins if "Ada" in one.name)
    assert (first.submitted_at.hour, first.submitted_at.day) == (hour, 9)


def test_brightspaces_attempts_have_their_times(tmp_path):
    put(
        tmp_path,
        "12345-678 - Ada Lee - Mar 9, 2027 1145 PM/norm.py",
        "12345-678 - Ada Lee - Mar 1, 2027 300 AM/norm.py",
        "12346-678 - Ben Roe - 2 March, 2027 1200 PM/norm.py",
        "index.html",
    )
    found = {one.name: (one.attempt, one.submitted_at) for one in read(tmp_path).hand_ins}
    assert found == {
        "Ada_Lee_12345": (1, datetime(2027, 3, 1, 3, 0, tzinfo=TAIPEI)),
        "Ada_Lee_12345_attempt2": (2, datetime(2027, 3, 9, 23, 45, tzinfo=TAIPEI)),
        "Ben_Roe_12346": (1, datetime(2027, 3, 2, 12, 0, tzinfo=TAIPEI)),
    }
    assert students(tmp_path, Person("s1", "Lee, Ada"))["Ada_Lee_12345"] == ("s1",)


def test_a_time_without_a_zone_is_the_courses(tmp_path):
    put(tmp_path, "HW_adal_attempt_2027-03-01-12-00-00_norm.py", "HW_benr_attempt_2027-03-01-12-00-01_norm.py")
    (first, _) = collect([tmp_path], ASSIGNMENT, None, tmp_path / "out").hand_ins
    assert first.submitted_at == datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_canvas_anonymous_hand_ins_are_people_apart(tmp_path):
    put(tmp_path, "anon_aB3xY_9001_norm.py", "LATE_anon_00cD1_9002_norm-1.py", "anon_12345_9003_norm.py")
    found = {one.name: (one.attempt, one.late) for one in read(tmp_path).hand_ins}
    assert found == {"anon_aB3xY": (1, False), "anon_00cD1": (2, True), "anon_12345": (1, False)}
    assert len(set(students(tmp_path).values())) == 3


def test_what_was_typed_into_a_platform_is_its_students_and_is_said(tmp_path):
    put(tmp_path / "c", "leeada_5001_9001_norm.py", "roeben_5002_text.html", "wucy_LATE_5003_link.html")
    found = {one.owners[0].id: one.problem for one in read(tmp_path / "c").hand_ins}
    assert found["5001"] == ""
    assert "text that was typed into Canvas" in found["5002"]
    assert "a link" in found["5003"]
    names = ("Ada Lee_1_assignsubmission_onlinetext_/onlinetext.html", "Ben Roe_2_assignsubmission_file_/norm.py")
    put(tmp_path / "m", *names)
    assert ["typed into Moodle" in one.problem for one in read(tmp_path / "m").hand_ins] == [True, False]


@pytest.mark.parametrize("group", ["Team 7", "Team-7", "A-B - C", "Jane Doe-Lovers"])
def test_moodles_group_may_have_any_name_before_the_students(tmp_path, group):
    put(
        tmp_path,
        f"{group}-Jean-Luc Picard_7_assignsubmission_file_/norm.py",
        "Ada Lee_8_assignsubmission_file_/norm.py",
    )
    found = students(tmp_path, Person("s1", "Jean-Luc Picard"), Person("s2", "Ada Lee"), Person("s3", "Luc Picard X"))
    assert sorted(found.values()) == [("s1",), ("s2",)]


@pytest.mark.parametrize("word", ["Participant", "Teilnehmer-in", "参加者"])
def test_blind_marking_in_another_language(tmp_path, word):
    put(tmp_path, *(f"{word}_4100{n}_assignsubmission_file_/norm.py" for n in (1, 2)))
    assert len(set(students(tmp_path).values())) == 2


def test_autolabs_versions_are_attempts_of_an_address(tmp_path):
    put(tmp_path, "ada@x.example_1_norm.py", "ada@x.example_2_norm.py", "b_en@x.example_1_norm.py")
    assert [one.attempt for one in read(tmp_path).hand_ins] == [1, 2, 1]
    found = students(tmp_path, Person("s1", email="ada@x.example"), Person("s2", email="b_en@x.example"))
    assert list(found.values()) == [("s1",), ("s1",), ("s2",)]


@pytest.mark.parametrize("above", ["", "Submitted files/", "Übermittelte Dateien/"])
def test_teams_keeps_versions(tmp_path, above):
    names = [
        "Ada Lee/Homework/Version 1/norm.py",
        "Ada Lee/Homework/Version 2/norm.py",
        "Ben Roe/Homework/Version 1/norm.py",
    ]
    put(tmp_path, *(above + name for name in names))
    if above:
        put(tmp_path, *(f"Working files/{who}/Homework/norm.py" for who in ("Ada Lee", "Ben Roe", "Cy Wu")))
    assert [one.attempt for one in read(tmp_path).hand_ins] == [1, 2, 1]
    assert set(students(tmp_path, Person("s1", "Lee, Ada"), Person("s2", "Ben Roe")).values()) == {("s1",), ("s2",)}


def test_of_several_homeworks_the_one_that_is_called_so_is_read(tmp_path):
    put(tmp_path, *(f"{who}/{hw}/Version 1/norm.py" for who in ("Ada", "Ben") for hw in ("Homework", "Essay")))
    assert [one.origin for one in read(tmp_path).hand_ins] == ["Ada/Homework/Version 1", "Ben/Homework/Version 1"]
    put(tmp_path / "two", *(f"{who}/{hw}/Version 1/norm.py" for who in ("Ada", "Ben") for hw in ("Poem", "Essay")))
    with pytest.raises(UsageError, match=r"several homeworks .Essay, Poem."):
        read(tmp_path / "two")


def test_nbgraders_folders_have_times(tmp_path):
    for who in ("ada", "ben"):
        put(tmp_path / "in", f"{who}/hw/norm.py")
        (tmp_path / "in" / who / "hw" / "timestamp.txt").write_text("2027-03-01 12:00:00.5 UTC\n")
    found = read(tmp_path / "in").hand_ins
    assert [(one.name, one.submitted_at.hour) for one in found] == [("ada", 12), ("ben", 12)]


def test_nbgraders_exchange_has_all_in_a_name(tmp_path):
    times = ("2027-03-01 12:00:00.000000 UTC", "2027-03-02 12:00:00.000000 UTC")
    put(tmp_path, *(f"ada+hw+{time}/norm.py" for time in times), f"ben+hw+{times[0]}+f3/norm.py")
    found = [(one.owners[0].id, one.attempt, one.submitted_at.day) for one in read(tmp_path).hand_ins]
    assert found == [("ada", 1, 1), ("ada", 2, 2), ("ben", 1, 1)]


@pytest.mark.parametrize("above", ["", "Homework 4/"])
def test_sakais_folders(tmp_path, above):
    for who in ("Lee, Ada(ada1)", "Roe, Ben(benr)", "Wu, Cy(cyw)"):
        put(tmp_path, f"{above}{who}/comments.txt", f"{above}{who}/Feedback Attachment(s)/norm.py")
        (tmp_path / f"{above}{who}/timestamp.txt").write_text("20270301120000000")
        if "cyw" not in who:
            put(tmp_path, f"{above}{who}/Submission attachment(s)/norm.py")
    put(tmp_path, f"{above}grades.csv")
    noon = datetime(2027, 3, 1, 12, tzinfo=TAIPEI)
    found = {one.name: (one.submitted_at, bool(one.problem)) for one in read(tmp_path).hand_ins}
    assert found == {"ada1": (noon, False), "benr": (noon, False), "cyw": (noon, True)}


def test_sakais_folders_in_another_language(tmp_path):
    for who in ("Lee, Ada(ada1)", "Roe, Ben(benr)"):
        put(tmp_path, f"{who}/Anhänge/norm.py", f"{who}/timestamp.txt")
    (tmp_path / "Roe, Ben(benr)" / "Anmerkungen").mkdir()
    assert [one.problem for one in read(tmp_path).hand_ins] == ["", ""]
    put(tmp_path, "Roe, Ben(benr)/Anmerkungen/norm.py")
    found = {one.name: one.problem for one in read(tmp_path).hand_ins}
    assert found["benr"] == "Which of the folders Anhänge, Anmerkungen holds what was handed in is not known."


def test_sakais_flat_form(tmp_path):
    put(tmp_path, *(f"{who}_Submission attachment(s)_norm.py" for who in ("Lee, Ada(ada1)", "Roe, Ben(benr)")))
    assert students(tmp_path, Person("s1", login="ada1")) == {"ada1": ("s1",), "benr": ("benr",)}


def test_google_classrooms_folder(tmp_path):
    put(tmp_path / "Homework 4", "Ada Lee - norm.py", "Jean-Luc Picard - norm (1).py")
    found = students(tmp_path, Person("s1", "Ada Lee"), Person("s2", "Jean-Luc Picard"))
    assert list(found.values()) == [("s1",), ("s2",)]


def test_classroom50s_repositories(tmp_path):
    put(tmp_path, "cs50-hw4-ben-r/norm.py", "cs50-hw4-ada/norm.py")
    found = students(tmp_path, Person("ben-r", "Ben", login="Ben-R"), Person("ada", "Ada", login="ada"))
    assert found == {"cs50-hw4-ben-r": ("ben-r",), "cs50-hw4-ada": ("ada",)}


@pytest.mark.parametrize(
    "time", ["9 Mar, 2027 1145 PM", "9 mars 2027 2345", "2027-03-09 2345", "9 de marzo de 2027 2345"]
)
def test_brightspaces_times_in_other_orders_and_languages(tmp_path, time):
    put(tmp_path, f"12345-678 - Jean-Luc Picard - {time}/norm.py", f"12346-678 - Ada Lee - {time}/norm.py")
    found = read(tmp_path).hand_ins
    assert [one.owners[0].name for one in found] == ["Ada Lee", "Jean-Luc Picard"]
    assert {one.submitted_at for one in found} == {datetime(2027, 3, 9, 23, 45, tzinfo=TAIPEI)}


def test_a_download_may_lie_in_a_folder_of_its_own(tmp_path):
    put(tmp_path / "submissions", "leeada_5001_9001_norm.py", "roeben_5002_9002_norm.py")
    assert list(students(tmp_path).values()) == [("5001",), ("5002",)]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("big5", "功許志明"),
        ("gbk", "李小龙"),
        ("shift_jis", "田中ソ太郎"),
        ("cp850", "João Ávila"),
        ("cp852", "Łukasz Żółć"),
        ("cp866", "Юрий Щука"),
        ("cp857", "İpek Şahin"),
        ("cp737", "Νίκος"),
        ("cp1250", "Łukasz Żółć"),
        ("cp437", "Zoë Müller"),
    ],
)
def test_names_in_a_zip_of_another_country_are_read_as_the_roster_has_them(tmp_path, encoding, name):
    path = zipped(tmp_path, encoding, f"{name}_1_assignsubmission_file_/norm.py")
    roster = [Person("s1", name), Person("s2", "Ada Lee")]
    read_it = collect([path], ASSIGNMENT, None, tmp_path / "out", known=[one.name for one in roster])
    found = match(read_it.hand_ins, roster).students
    assert {one.owners[0].name: found[one.name] for one in read_it.hand_ins} == {name: ("s1",), "Ada Lee": ("s2",)}
    assert all(not one.problem for one in read_it.hand_ins)


def test_without_a_roster_such_a_name_is_shown_raw_and_the_file_taken(tmp_path):
    found = collect(
        [zipped(tmp_path, "gbk", "李小龙_1_assignsubmission_file_/norm.py")], ASSIGNMENT, None, tmp_path / "out"
    )
    assert [one.problem for one in found.hand_ins] == ["", ""]


def test_where_two_readings_give_a_name_to_two_people_it_is_shown_raw(tmp_path):
    path = zipped(tmp_path, "cp850", "Õx_1_assignsubmission_file_/norm.py")
    found = collect([path], ASSIGNMENT, None, tmp_path / "out", known=["Õx", "åx", "Ada Lee"])
    assert {one.owners[0].name for one in found.hand_ins} == {"Ada Lee", "σx"}


def zipped(folder: Path, encoding: str, name: str) -> Path:
    """A zip archive as Windows of that country packs it, with Ada Lee's hand-in and another one."""
    path = folder / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for one in ("Ada Lee_2_assignsubmission_file_/norm.py", name):
            archive.writestr(("~" if one == name else "^") * len(one.encode(encoding)), b"x = 1\n")
    data = path.read_bytes()
    for letter, one in ((b"^", "Ada Lee_2_assignsubmission_file_/norm.py"), (b"~", name)):
        raw = one.encode(encoding)
        data = data.replace(letter * len(raw), raw)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a_" * 30_000, "a@" + "b." * 30_000, "a_ " * 20_000])
def test_a_name_is_read_in_one_walk(name):
    """A table of contents has room for many such names; each would take half a minute."""
    assert not any(platform.NAME.match(name) for platform in (blackboard, autolab))
