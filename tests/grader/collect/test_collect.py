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
from grader.intake.submission import IntakeError
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
    assert collected.notes == ("submission_99 is not listed in submission_metadata.yml. It is graded anyway.",)
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
    assert jane.owners == (Owner("1001", "doejane", account="canvas 1001"),)
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
        ("Jane_Doe_77", (Owner(name="Jane Doe", account="moodle 77"),)),
        ("Søren_Ø_78", (Owner(name="Søren Ø", account="moodle 78"),)),
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
    assert "Ada and ada differ only in case. Both are graded. Are they one student?" in collected.notes


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
    assert [(one.name, one.problem) for one in collected.hand_ins] == [
        ("doejane_1", ""),
        ("poe_3", ""),
        ("roe_2", "conv.py is a link or device. Hand in the file itself."),
    ]
    assert "evil_1_2_conv.py is left out. A path in it leads out" in " ".join(collected.notes)
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


@pytest.mark.parametrize("owner", [Owner("s1_s2"), Owner("nobody"), Owner("777", "smithbob")])
def test_who_is_nobody_or_two_people_is_listed_and_never_dropped(owner):
    ids, notes = students(owner)
    assert len(ids) == 1
    assert ids[0] not in {person.id for person in ROSTER}
    assert "is nobody on the roster. It is graded anyway." in notes[0]


def test_without_a_roster_everybody_is_who_the_source_says():
    assert students(Owner("s1", "Ada"), []) == (("s1",), ())


# ------------------------------------------------------------------------------------------- one hand-in costs its own


def a_class(tmp_path: Path, *names: str) -> Path:
    return write(tmp_path / "class", {f"{name}/conv.py": f"x = {name!r}" for name in names})


@pytest.mark.parametrize(
    "names",
    [
        ["Bo Kim_12_assignsubmission_file_"],
        ["kimbo_102_5_conv.py"],
        ["submission_metadata.yml", "submission_11"],
        ["conv.py"],
    ],
)
def test_one_entry_does_not_say_what_a_class_folder_is(tmp_path, names):
    folder = a_class(tmp_path, "s1", "s2", "s3", *names)
    hand_ins = {one.owners[0].id: one.problem for one in found(folder, tmp_path).hand_ins}
    assert {"s1", "s2", "s3"} <= hand_ins.keys()
    assert not any(hand_ins[name] for name in ("s1", "s2", "s3"))


def test_several_paths_are_one_hand_in_each(tmp_path):
    folder = a_class(tmp_path, "s1", "s2")
    write(folder / "s3", {"Jane Doe_7_assignsubmission_file_/conv.py": "x = 1"})
    write(folder / "s4", {"s1/conv.py": "x = 1", "s2/conv.py": "x = 2"})
    collected = collect(sorted(folder.iterdir()), ONE, None, tmp_path / "run")
    assert [one.name for one in collected.hand_ins] == ["s1", "s2", "s3", "s4"]
    said = " was graded as one hand-in, because each of several paths is one"
    assert [note.split(said)[0] for note in collected.notes] == [
        "s3 looks like a class and",
        "s4 looks like a class and",
    ]
    assert "holds conv.py in several places" in collected.hand_ins[3].problem


def test_several_downloads_are_several(tmp_path):
    one = write(tmp_path / "one", {"doejane_1_2_conv.py": "x = 1"})
    two = packed(write(tmp_path / "two", {"Søren Ø_78_assignsubmission_file_/conv.py": "x = 2"}), tmp_path / "two.zip")
    names = [one.name for one in collect([one, two], ONE, None, tmp_path / "run").hand_ins]
    assert names == ["Søren_Ø_78", "doejane_1"]


def test_a_name_that_becomes_anothers_takes_it_from_nobody(tmp_path):
    hand_ins = found(a_class(tmp_path, "10_1", "10 1", "10?1"), tmp_path).hand_ins
    assert {one.owners[0].id: one.name for one in hand_ins} == {"10 1": "10_1-2", "10?1": "10_1-3", "10_1": "10_1"}


def test_what_the_grader_fails_at_is_its_own_fault_and_stops_nobody(tmp_path, monkeypatch):
    from grader.collect import collect as collecting

    real = collecting.read_place
    monkeypatch.setattr(collecting, "read_place", lambda place, _: 1 / 0 if place.name == "s2" else real(place, ONE))
    one, two, three = found(a_class(tmp_path, "s1", "s2", "s3"), tmp_path).hand_ins
    assert (one.problem, one.is_fault, three.is_fault) == ("", False, False)
    assert two.is_fault
    assert "not the student's fault: ZeroDivisionError: division by zero" in two.problem


def test_what_cannot_be_kept_of_one_stops_nobody_and_a_full_disk_everybody(tmp_path, monkeypatch):
    real = Store.put

    def put(self, submission):
        if b"s2" in submission.files["conv.py"]:
            raise OSError(28, "No space left on device")
        real(self, submission)

    monkeypatch.setattr(Store, "put", put)
    folder = a_class(tmp_path, "s1", "s2", "s3")
    assert [one.is_fault for one in found(folder, tmp_path).hand_ins] == [False, True, False]
    monkeypatch.setattr(Store, "takes_files", lambda self: False)
    with pytest.raises(OSError, match="No space left"):
        found(folder, tmp_path)


def test_too_much_memory_is_the_hand_ins_own(tmp_path, monkeypatch):
    from grader.collect import collect as collecting

    def read(*_):
        raise MemoryError

    monkeypatch.setattr(collecting, "read_place", read)
    (one,) = found(write(tmp_path / "s1", {"conv.py": ""}), tmp_path).hand_ins
    assert (one.is_fault, one.problem) == (False, "It takes too much memory to read. Hand in the sources only.")


def test_nothing_is_unpacked_to_disk(tmp_path, monkeypatch):
    import tempfile

    inner = packed(write(tmp_path / "src", {"conv.py": "x = 1"}), tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("doejane_1_2_hw.zip", inner)
        archive.writestr("roejohn_2_3_conv.py", "x = 2")
    monkeypatch.setattr(tempfile, "mkdtemp", None)
    collected = collect([tmp_path / "class.zip"], ONE, None, tmp_path / "run")
    assert [(one.name, one.problem) for one in collected.hand_ins] == [("doejane_1", ""), ("roejohn_2", "")]


def test_metadata_is_read_as_a_stream_of_single_values(tmp_path):
    bomb = "".join(f"  a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(30))
    merged = "".join(f"  b{n}: &b{n} {{<<: [{','.join([f'*b{n - 1}'] * 9)}]}}\n" for n in range(1, 30))
    text = METADATA.replace("  :score: 3.5\n", f"  :score: &score 3.5\n{bomb}{merged}").replace(
        "sid: s2", "sid: *score"
    )
    text = text.replace(":name: Ben Bitdiddle", ":name: *a29")
    folder = write(
        tmp_path / "export",
        {"submission_metadata.yml": text, **{f"submission_{n}/conv.py": f"x = {n}" for n in (11, 12, 13)}},
    )
    owners = {one.origin: one.owners for one in found(folder, tmp_path).hand_ins}
    assert owners["submission_12"] == (Owner("", "", "ben@example.org"),)
    assert owners["submission_11"][0] == Owner("s1", "Ada Lovelace", "ada@example.org")


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("doejane_1_5_2_conv.py", Owner("doejane 1?", "doejane", account="canvas 1")),
        ("x_1_2_5_conv.py", Owner("x 1?", "x", account="canvas 1")),
        ("x_LATE_12_5_a_9_assignsubmission_file_conv.py", Owner("12", "x", account="canvas 12")),
        ("x_12_text.html", Owner("12", "x", account="canvas 12")),
    ],
)
def test_whose_a_file_of_canvas_is(tmp_path, name, owner):
    (one,) = found(write(tmp_path / "download", {name: "x = 1"}), tmp_path).hand_ins
    assert one.owners == (owner,)


# ---------------------------------------------------------------------------------------- who else it could have been


def matched(*owners: Owner):
    from grader.collect.handin import HandIn

    hand_ins = [HandIn(f"h{n}", "0", "x", owners=(owner,)) for n, owner in enumerate(owners)]
    found = match(hand_ins, ROSTER)
    on_roster = {person.id for person in ROSTER}
    return [found.students[one.name][0] if found.students[one.name][0] in on_roster else None for one in hand_ins]


@pytest.mark.parametrize(
    ("owners", "students"),
    [
        ([Owner("s1"), Owner("s1.")], ["s1", None]),
        ([Owner("s1"), Owner("x_s1")], ["s1", None]),
        ([Owner("x_s1")], ["s1"]),
        ([Owner("s1"), Owner("ada")], ["s1", None]),
        ([Owner("s1"), Owner("S1")], ["s1", None]),
        ([Owner("S1")], ["s1"]),
        ([Owner("ada@example.org"), Owner("ada")], ["s1", None]),
        ([Owner(email="ada@evil.example")], [None]),
        ([Owner(name="Ada Lovelace"), Owner(name="X-Ada Lovelace")], ["s1", None]),
        ([Owner(name="X-Ada Lovelace")], ["s1"]),
        (
            [Owner(name="Ada Lovelace", account="moodle 1"), Owner(name="Ada Lovelace", account="moodle 2")],
            [None, None],
        ),
        (
            [Owner(name="Ada Lovelace", account="moodle 1"), Owner(name="Ada Lovelace", account="moodle 1")],
            ["s1", "s1"],
        ),
        ([Owner(name="Ada Lovelace", account="moodle 1"), Owner("9", "lovelaceada", account="canvas 9")], ["s1", "s1"]),
        ([Owner("s1", account="canvas 1"), Owner("9", "lovelaceada", account="canvas 9")], ["s1", None]),
        ([Owner("s1"), Owner(name="Ada Lovelace", account="moodle 1")], ["s1", "s1"]),
    ],
)
def test_a_weaker_claim_takes_nothing_from_a_better_one(owners, students):
    assert matched(*owners) == students


def test_a_claim_that_is_beaten_is_said():
    from grader.collect.handin import HandIn

    hand_ins = [HandIn("s1", "0", "x", owners=(Owner("s1"),)), HandIn("s1-2", "0", "x", owners=(Owner("s1."),))]
    (note,) = match(hand_ins, ROSTER).notes
    assert note.startswith("s1-2: s1. could be Ada Lovelace (s1), but another hand-in matches as well or better")
