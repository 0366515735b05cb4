from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.collect.collect import collect
from grader.collect.handin import Owner
from grader.collect.match import match
from grader.collect.roster import Person
from grader.collect.store import Store
from grader.errors import GraderError, UsageError
from grader.intake import IntakeError
from grader.spec import Assignment, Part

ONE = Assignment(name="hw", title="Hw", points=1, files=("conv.py",), parts=(Part(name="a", title="A", points=1),))
METADATA = """\
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: 's1'
    :email: ada@example.org
  - :name: 李雷
    :sid: s2
    :email: li@example.org
  :created_at: 2027-03-20 02:59:00.123456000 Z
  :score: 3.5
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_12:
  :submitters:
  - :name: Ben Bitdiddle
    :sid:
    :email: ben@example.org
  :created_at: 2027-03-20 03:10:00.000000000 Z
submission_13:
  :submitters:
  - :name: Gone Girl
    :sid: s9
  :created_at: 2027-03-20 03:10:00.000000000 Z
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def packed(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return archive


@pytest.fixture(params=["folder", "zip"])
def given(request, tmp_path):
    """A download as it comes, and unpacked: files → the path to grade."""

    def make(files: dict[str, str]) -> Path:
        folder = write(tmp_path / "download", files)
        return packed(folder, tmp_path / "download.zip") if request.param == "zip" else folder

    return make


def found(path: Path, tmp_path: Path):
    return collect([path], ONE, Store(tmp_path / "run"), tmp_path / "run")


def test_gradescopes_export(given, tmp_path):
    files = {f"assignment_5_export/submission_{n}/conv.py": f"x = {n}" for n in (11, 12, 99)}
    collected = found(given({"assignment_5_export/submission_metadata.yml": METADATA, **files}), tmp_path)
    ben, ada, gone, stray = sorted(collected.hand_ins, key=lambda one: (one.owners[0].id, one.name))
    assert ada.owners == (Owner("s1", "Ada Lovelace", "ada@example.org"), Owner("s2", "李雷", "li@example.org"))
    assert ada.submitted_at == datetime(2027, 3, 20, 2, 59, 0, 123456, tzinfo=UTC)
    assert ben.owners == (Owner("", "Ben Bitdiddle", "ben@example.org"),)
    assert (
        gone.problem == "Gradescope lists submission_13, but its export does not hold it. Export the submissions again."
    )
    assert stray.name == "submission_99"
    assert collected.notes == ("submission_99 is not listed in submission_metadata.yml. Graded all the same.",)
    kept = Store(tmp_path / "run").get(ada.sha256, ada.name, "")
    assert kept.files == {"conv.py": b"x = 11"}


def test_metadata_that_cannot_be_read_is_said(tmp_path):
    folder = write(tmp_path / "export", {"submission_metadata.yml": "a: [", "submission_1/conv.py": ""})
    with pytest.raises(UsageError, match=r"submission_metadata\.yml of the Gradescope export cannot be read"):
        found(folder, tmp_path)
    write(folder, {"submission_metadata.yml": "- 1"})
    with pytest.raises(UsageError, match="lists no submissions"):
        found(folder, tmp_path)


def test_metadata_runs_nothing(tmp_path):
    text = f"submission_1:\n  :submitters: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n"
    folder = write(tmp_path / "export", {"submission_metadata.yml": text, "submission_1/conv.py": ""})
    found(folder, tmp_path)
    assert not (tmp_path / "made").exists()


def test_canvas_download(given, tmp_path):
    collected = found(
        given(
            {
                "doejane_1001_5001_conv.py": "x = 1",
                "doejane_1001_5001_helper.py": "y = 1",
                "roejohn_LATE_1002_5002_conv-2.py": "x = 2",
                "陳美_1003_5003_conv.ipynb": '{"cells": [{"cell_type": "code", "source": "x = 3"}]}',
                "notes.txt": "",
            }
        ),
        tmp_path,
    )
    by_name = {one.name: one for one in collected.hand_ins}
    store = Store(tmp_path / "run")
    jane, john, mei = by_name["doejane_1001"], by_name["roejohn_1002"], by_name["陳美_1003"]
    assert jane.owners == (Owner("1001", "doejane"),)
    assert store.get(jane.sha256, "", "").files == {"conv.py": b"x = 1", "helper.py": b"y = 1"}
    assert (john.attempt, store.get(john.sha256, "", "").files) == (3, {"conv.py": b"x = 2"})
    assert store.get(mei.sha256, "", "").files == {"conv.py": b"# In [1]:\nx = 3\n"}
    assert by_name["notes"].problem
    assert (john.late, jane.late, john.submitted_at) == (True, False, None)


def test_of_a_file_that_was_handed_in_again_the_last_counts(tmp_path):
    files = {"doejane_1_5_conv.py": "x = 1", "doejane_1_6_conv-1.py": "x = 2"}
    (jane,) = found(write(tmp_path / "download", files), tmp_path).hand_ins
    assert Store(tmp_path / "run").get(jane.sha256, "", "").files == {"conv.py": b"x = 2"}


@pytest.mark.parametrize("flat", [True, False])
def test_moodles_download(given, tmp_path, flat):
    end = "" if flat else "/"
    collected = found(
        given(
            {
                f"Jane Doe_77_assignsubmission_file_{end}conv.py": "x = 1",
                f"Jane Doe_77_assignsubmission_onlinetext_{end}onlinetext.html": "hello",
                f"Søren Ø_78_assignsubmission_file_{end}conv.py": "x = 2",
            }
        ),
        tmp_path,
    )
    assert [(one.name, one.owners) for one in collected.hand_ins] == [
        ("Jane_Doe_77", (Owner(name="Jane Doe"),)),
        ("Søren_Ø_78", (Owner(name="Søren Ø"),)),
    ]
    assert not any(one.problem for one in collected.hand_ins)
    assert collected.notes == ("Jane Doe: the text typed into Moodle is left out; the files are graded.",)


def test_a_plain_class_with_attempts_and_what_cannot_be_read(tmp_path):
    folder = write(
        tmp_path / "class",
        {
            "s1_attempt1/conv.py": "x = 1",
            "s1-attempt-2.py": "x = 2",
            "s2.zip": "no archive",
            "s3/other.py": "",
            "s3/b.py": "",
        },
    )
    (folder / "s4").mkdir()
    hand_ins = found(folder, tmp_path).hand_ins
    assert [(one.owners[0].id, one.attempt, bool(one.problem)) for one in hand_ins] == [
        ("s1", 2, False),
        ("s1", 1, False),
        ("s2", 1, True),
        ("s3", 1, True),
        ("s4", 1, True),
    ]


def test_names_that_differ_in_case_only_are_both_graded_and_said(tmp_path):
    folder = write(tmp_path / "class", {"Ada/conv.py": "x = 1", "ada/conv.py": "x = 2", "ben/conv.py": ""})
    collected = found(folder, tmp_path)
    assert [one.name for one in collected.hand_ins] == ["Ada", "ada-2", "ben"]
    assert "Ada and ada differ in case only. Both are graded; is it one student?" in collected.notes


def test_an_archive_that_leads_out_or_holds_links_leaves_that_out_and_says_so(tmp_path):
    archive = tmp_path / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("doejane_1_2_conv.py", "x = 1")
        file.writestr("../evil_1_2_conv.py", "x = 2")
        link = zipfile.ZipInfo("roe_2_3_conv.py")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("poe_3_4_conv.py", "x = 3")
    collected = found(archive, tmp_path)
    assert [one.name for one in collected.hand_ins] == ["doejane_1", "poe_3"]
    assert "evil_1_2_conv.py is left out. A path in it leads out" in " ".join(collected.notes)
    assert "roe_2_3_conv.py is left out. It is a link or device." in " ".join(collected.notes)
    assert not list(tmp_path.rglob("*evil*"))


def test_what_is_in_the_store_and_was_changed_there_is_never_graded(tmp_path):
    (ada,) = found(write(tmp_path / "ada", {"conv.py": "x = 1"}), tmp_path).hand_ins
    store = Store(tmp_path / "run")
    (store.folder / ada.sha256 / "conv.py").write_text("x = 2")
    with pytest.raises(GraderError, match="was changed there"):
        store.get(ada.sha256, "ada", "")


def test_a_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(IntakeError, match=r"nowhere\.zip does not exist"):
        found(tmp_path / "nowhere.zip", tmp_path)


# --------------------------------------------------------------------------------------------------------------- match

ROSTER = [
    Person("s1", "Ada Lovelace", "ada@example.org", team="blue"),
    Person("s2", "李 雷", "li.lei@example.org", team="blue"),
    Person("s3", "Jean-Luc Picard", "jlp@example.org"),
    Person("s4", "Kim Lee", "kim1@example.org"),
    Person("s5", "Lee Kim", "kim2@example.org"),
]


def students(owner: Owner, roster=ROSTER):
    from grader.collect.handin import HandIn

    matched = match([HandIn("x", "0", "x", owners=(owner,))], roster)
    return matched.students["x"], matched.notes


@pytest.mark.parametrize(
    ("owner", "ids"),
    [
        (Owner("S1"), ("s1",)),
        (Owner(email="ADA@example.org"), ("s1",)),
        (Owner("li.lei"), ("s2",)),
        (Owner(name="Lovelace, Ada"), ("s1",)),
        (Owner("9", "lovelaceada"), ("s1",)),
        (Owner("9", "李雷"), ("s2",)),
        (Owner(name="Group 1-Ada Lovelace"), ("s1",)),
        (Owner(name="Jean-Luc Picard"), ("s3",)),
        (Owner(id="hw1_s4_final", name="hw1_s4_final"), ("s4",)),
        (Owner(id="blue", name="blue"), ("s1", "s2")),
    ],
)
def test_owners_are_recognised(owner, ids):
    assert students(owner) == (ids, ())


@pytest.mark.parametrize("owner", [Owner(name="Kim Lee"), Owner("s1_s2"), Owner("nobody"), Owner("777", "smithbob")])
def test_who_is_nobody_or_two_people_is_listed_and_never_dropped(owner):
    ids, notes = students(owner)
    assert len(ids) == 1
    assert ids[0] not in {person.id for person in ROSTER}
    assert "is nobody on the roster. Graded all the same." in notes[0]


def test_without_a_roster_everybody_is_who_the_source_says():
    assert students(Owner("s1", "Ada"), []) == (("s1",), ())
