import io
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import contents
from grader.intake.submission import (
    IntakeError,
    Rejected,
    Submission,
    find_places,
    find_submissions,
    read_place,
    read_submission,
    safe_name,
)
from grader.spec import Assignment, Part


def assignment(*files: str) -> Assignment:
    return Assignment(
        name="hw1", title="Convolution", points=1, files=files, parts=(Part(name="a", title="A", points=1),)
    )


ONE, TWO = assignment("conv.py"), assignment("conv.py", "norm.py")


def plant(folder: Path, *paths: str) -> Path:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            file.write_text(f"# {Path(path).name}")
        else:
            file.mkdir()
    folder.mkdir(exist_ok=True)
    return folder


def zip_of(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as archive:
        for file in sorted(folder.rglob("*"), reverse=True):
            archive.write(file, file.relative_to(folder.parent))
    return to


def reason(path: Path, spec: Assignment = ONE) -> str:
    with pytest.raises(IntakeError) as caught:
        read_submission(path, spec)
    return str(caught.value)


def names(paths, spec: Assignment = ONE) -> list[str]:
    return [("!" if isinstance(one, Rejected) else "") + one.name for one in find_submissions(paths, spec)]


# ---------------------------------------------------------------------------------------------------- one submission


def test_a_folder(tmp_path):
    folder = plant(
        tmp_path / "alice", "conv.py", "lib/helper.py", "torch.py", "random.py", "numpy/__init__.py", "a.txt"
    )
    submission = read_submission(folder, ONE)
    assert submission.name == "alice"
    assert submission.files == {"conv.py": b"# conv.py", "lib/helper.py": b"# helper.py"}
    assert list(submission.files) == sorted(submission.files)
    assert submission.ignored == ("a.txt", "numpy/__init__.py", "random.py", "torch.py")
    assert submission.origin == str(folder)
    assert pickle.loads(pickle.dumps(submission)) == submission  # workers in other processes get it


def test_a_required_file_may_have_any_name(tmp_path):
    assert read_submission(plant(tmp_path / "a", "random.py"), assignment("random.py")).files


def test_the_digest_depends_on_names_and_contents_only(tmp_path):
    folder = plant(tmp_path / "alice", "conv.py", "lib/helper.py")
    digest = read_submission(folder, ONE).sha256
    os.utime(folder / "conv.py", (10**9, 10**9))
    with tarfile.open(tmp_path / "a.tar.xz", "w:xz") as archive:
        archive.add(folder, "whatever/deeper")
    assert read_submission(tmp_path / "a.tar.xz", ONE).sha256 == digest
    assert read_submission(zip_of(folder, tmp_path / "b.zip"), ONE).sha256 == digest
    (folder / "lib" / "helper.py").rename(folder / "helper.py")
    assert read_submission(folder, ONE).sha256 != digest
    one, other = plant(tmp_path / "1"), plant(tmp_path / "2")
    (one / "conv.py").write_text("ab")
    (other / "conv.py").write_text("a")
    (other / "b.py").touch()
    assert read_submission(one, ONE).sha256 != read_submission(other, ONE).sha256


def test_a_lone_file(tmp_path):
    plant(tmp_path, "alice.py")
    submission = read_submission(tmp_path / "alice.py", ONE)
    assert (submission.name, submission.files) == ("alice", {"conv.py": b"# alice.py"})
    assert reason(tmp_path / "alice.py", TWO) == (
        "The assignment asks for conv.py and norm.py: hand them in as a folder or archive."
    )


def test_a_given_path_may_be_a_link(tmp_path):
    (tmp_path / "bob").symlink_to(plant(tmp_path / "alice", "conv.py"))
    (one,) = find_submissions([tmp_path / "bob"], ONE)
    assert isinstance(one, Submission)
    assert one.name == "bob"


def test_an_archive_is_known_by_its_content(tmp_path):
    zip_of(plant(tmp_path / "alice", "conv.py"), tmp_path / "alice.tar")
    assert read_submission(tmp_path / "alice.tar", ONE).name == "alice"


def test_a_nested_folder_is_descended_into(tmp_path):
    folder = plant(tmp_path / "alice", "hw1/src/conv.py", "hw1/src/helper.py", "hw1/other/x.py", "report.pdf")
    submission = read_submission(folder, ONE)
    assert set(submission.files) == {"conv.py", "helper.py"}
    assert submission.ignored == ("hw1/other/x.py", "report.pdf")


DATA = [f"data{i}.csv" for i in range(9)]


@pytest.mark.parametrize(
    ("paths", "found", "advice"),
    [
        (["test_conv.py"], "test_conv.py", " Rename it to conv.py."),
        (["convo.py", "zebra.py"], "convo.py and zebra.py", " Rename convo.py to conv.py, if that is it."),
        (["conv (1).py", "Conv.py"], "Conv.py and conv (1).py", " Rename Conv.py to conv.py, if that is it."),
        (["conv.docx"], "conv.docx", " conv.docx is a document of a word processor: hand in the source, conv.py."),
        (["x.7z", "conv.pdf"], "conv.pdf and x.7z", " conv.pdf is a PDF: hand in the source, conv.py."),
        (["conv.html"], "conv.html", " conv.html is a web page: hand in the source, conv.py."),
        (["conv.pyc"], "conv.pyc", " conv.pyc is what Python has compiled: hand in the source, conv.py."),
        (["aa.py", "bb.py"], "aa.py and bb.py", ""),
        (["conv.ipynb"], "conv.ipynb", " conv.ipynb is no notebook: it cannot be read as JSON."),
        (["conv.txt"], "conv.txt", " Rename conv.txt to conv.py, if that is it."),
        (DATA, "data0.csv, data1.csv, data2.csv, data3.csv, data4.csv and 4 more", ""),
    ],
)
def test_a_missing_file_is_named_with_what_is_there(tmp_path, paths, found, advice):
    sentence = reason(plant(tmp_path / "work", *paths))
    assert sentence == f"The folder holds no conv.py; it holds {found}.{advice}"


@pytest.mark.parametrize(
    ("paths", "spec", "sentence"),
    [
        ([], ONE, "The folder is empty."),
        ([".git/x"], ONE, "The folder holds no conv.py."),
        (
            ["conv.py", "old/conv.py"],
            ONE,
            "The folder holds conv.py in several places: conv.py and old/conv.py. Keep the one to grade.",
        ),
        (["conv.py"], TWO, "The folder holds no norm.py; it holds conv.py."),
        (["conv.py", "n.py"], TWO, "The folder holds no norm.py; it holds conv.py and n.py. Rename n.py to norm.py."),
        (
            ["a/conv.py", "b/norm.py"],
            TWO,
            "The required files lie in different folders: a/conv.py and b/norm.py. Put them into one.",
        ),
    ],
)
def test_a_folder_that_is_no_submission(tmp_path, paths, spec, sentence):
    assert reason(plant(tmp_path / "work", *paths), spec) == sentence


def test_a_required_file_that_cannot_be_taken(tmp_path, monkeypatch):
    folder = plant(tmp_path / "work", "other.py")
    (folder / "conv.py").symlink_to("other.py")
    assert reason(folder) == "conv.py is a symbolic link. Hand in the file itself."
    (folder / "conv.py").unlink()
    (folder / "conv.py").write_bytes(bytes(contents.FILE_BYTES + 1))
    assert reason(folder) == "conv.py is larger than 1 MB. Hand in the file itself."
    assert reason(folder / "conv.py") == "conv.py is larger than 1 MB."


def test_a_helper_that_cannot_be_taken_is_ignored_with_its_reason(tmp_path):
    folder = plant(tmp_path / "work", "conv.py")
    (folder / "helper.py").symlink_to("/etc/passwd")
    assert read_submission(folder, ONE).ignored == ("helper.py (is a symbolic link)",)


def test_paths_that_are_no_submission(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "cut.zip").write_bytes(zip_of(plant(tmp_path / "a", "conv.py"), tmp_path / "a.zip").read_bytes()[:-9])
    assert reason(tmp_path / "pipe") == "pipe is neither a file nor a folder."
    assert reason(tmp_path / "pipe.py") == "pipe.py is no regular file."
    assert reason(tmp_path / "note.txt") == "The file is neither a .py file nor a notebook nor a zip or tar archive."
    assert reason(tmp_path / "cut.zip") == "The archive is broken: File is not a zip file. Pack the files again."


def test_denied(tmp_path, monkeypatch):
    def denied(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    plant(tmp_path, "conv.py")
    monkeypatch.setattr(contents.os, "open", denied)
    assert reason(tmp_path / "conv.py") == "conv.py cannot be read: permission denied."


def test_hostile_names_are_shown_harmlessly(tmp_path):
    sentence = reason(plant(tmp_path / "work", "\u202egnp.py", "evil \u2028.py"))
    assert sentence.isprintable()


def test_nothing_is_run_or_parsed(tmp_path):
    folder = plant(tmp_path / "work")
    (folder / "conv.py").write_bytes(b"import os; os._exit(3)\n" + b"(" * 100_000 + b"\1\xff")
    assert read_submission(folder, ONE).files["conv.py"].endswith(b"(\1\xff")


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        (["convolution.py"], "convolution.py"),
        (["zebra.py", "a.txt", "tests/test_public.py", "probes.py"], "zebra.py"),
        (["a.py", "Conv.py"], "Conv.py"),
        (["conv (1).py", "helper.py"], "conv (1).py"),
        (["hw1/conv-1.py", "hw1/helper.py"], "hw1/conv-1.py"),
        (["conv_final_v2.py", "b.py"], "conv_final_v2.py"),
    ],
)
def test_a_source_under_another_name_stands_for_the_required_one_and_that_is_said(tmp_path, paths, taken):
    work = tmp_path / "work"
    plant(work, *paths)
    (work / taken).write_text("theirs = True\n")
    submission = read_submission(work, ONE)
    assert submission.files["conv.py"] == b"theirs = True\n"
    assert submission.renamed == f"{taken} is taken as conv.py"


def test_of_several_required_files_each_may_have_what_a_browser_adds(tmp_path):
    plant(tmp_path / "work", "conv (1).py", "Norm.py", "helper.py")
    submission = read_submission(tmp_path / "work", TWO)
    assert set(submission.files) == {"conv.py", "norm.py", "helper.py"}
    assert submission.renamed == "conv (1).py is taken as conv.py; Norm.py is taken as norm.py"


@pytest.mark.parametrize("name", ["conv.py", "ada.py"])
def test_a_notebook_under_a_sources_name_is_read_as_one(tmp_path, name):
    cells = '[{"cell_type": "code", "execution_count": null, "source": "x = 1"}]'
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / name).write_text(f'{{\n "cells": {cells}, "nbformat": 4}}')
    for path in (tmp_path / "work", tmp_path / "work" / name):
        assert read_submission(path, ONE).files["conv.py"] == b"# In [1]:\nx = 1\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_source_in_utf_16_is_read(tmp_path, encoding):
    folder = plant(tmp_path / "work")
    (folder / "conv.py").write_bytes("x = 1\n".encode(encoding))
    assert read_submission(folder, ONE).files["conv.py"] == b"x = 1\n"
    (tmp_path / "lone.py").write_bytes("x = 1\n".encode(encoding))
    assert read_submission(tmp_path / "lone.py", ONE).files["conv.py"] == b"x = 1\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\0\0", "conv.py is a zip archive or an office document, and no Python source"),
        (b"%PDF-1.7\n\0", "conv.py is a PDF, and no Python source"),
        (b"%PDF-1.7\n", "conv.py is a PDF, and no Python source"),
        (b"{\\rtf1\\ansi x = 1}", "conv.py is a document of a word processor, and no Python source"),
        (b"\x89PNG\r\n\x1a\n\0", "conv.py is a picture, and no Python source"),
        (b"x = 1\n\0", "conv.py is no text: save it as UTF-8"),
        (b"\xff\xfex", "conv.py is no text: save it as UTF-8"),
    ],
)
def test_what_is_no_source_whatever_its_name_is_named(tmp_path, content, said):
    folder = plant(tmp_path / "work")
    (folder / "conv.py").write_bytes(content)
    with pytest.raises(IntakeError, match=said):
        read_submission(folder, ONE)


# --------------------------------------------------------------------------------------------------- many submissions


def test_one_bad_submission_stops_no_other(tmp_path):
    plant(tmp_path, "good/conv.py", "bad/a.py", "bad/b.py", "last/conv.py", "empty/")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    found = find_submissions([tmp_path], ONE)
    assert [type(one) for one in found] == [Rejected, Rejected, Rejected, Submission, Submission]
    sentence = "The folder holds no conv.py; it holds a.py and b.py."
    assert found[0] == Rejected("bad", str(tmp_path / "bad"), sentence)
    assert found[2].reason == "The folder is empty."


@pytest.mark.parametrize("missing", ["nobody", "good/conv.py/x", "dangling"])
def test_a_path_that_does_not_exist_is_the_callers_mistake(tmp_path, missing):
    plant(tmp_path, "good/conv.py")
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(IntakeError, match="does not exist"):
        find_submissions([tmp_path / "good", tmp_path / missing], ONE)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["conv.py", "data/x.csv"], ["class"]),  # holds the required file: one submission
        (["hw1/conv.py"], ["class"]),  # packed once more
        (["hw1/conv.py", "report.pdf"], ["class"]),
        (["a/conv.py", "b/hw1/conv.py"], ["a", "b"]),
        (["a/conv.py", "b/"], ["a", "!b"]),
        (["a/conv.py", "b.py"], ["a", "b"]),
        (["a/conv.py", "b.rar", "c.ipynb", "grades.csv"], ["a", "!b.rar", "!c"]),
        (["a/convolution.py", "b/x.py"], ["a", "b"]),  # everybody misnamed it
        (["convolution.py", "lib/helper.py"], ["!class"]),  # a student who misnamed it
        (["convolution.py", "helper.py"], ["!class"]),
        (["convolution.py"], ["class"]),
        ([], ["!class"]),
        (["a/conv.py", ".git/conv.py", "__MACOSX/conv.py", "b/conv.py"], ["a", "b"]),
    ],
)
def test_class_folder_or_submission(tmp_path, paths, expected):
    assert names([plant(tmp_path / "class", *paths)]) == expected


def test_archives_in_folders(tmp_path):
    archive = zip_of(plant(tmp_path / "src", "conv.py"), tmp_path / "x.zip").read_bytes()
    for path in ("alone/hw1.zip", "class/a.zip", "class/b.ZIP", "class/c.tar.gz"):
        plant(tmp_path, path)
        (tmp_path / path).write_bytes(archive)
    (one,) = find_submissions([tmp_path / "alone"], ONE)
    assert (one.name, one.origin) == ("alone", str(tmp_path / "alone" / "hw1.zip"))
    assert names([tmp_path / "class"]) == ["a", "b", "c"]


def test_a_link_in_a_class_folder_is_not_followed(tmp_path):
    secret = plant(tmp_path / "reference", "conv.py")
    folder = plant(tmp_path / "class", "a/conv.py")
    (folder / "b").symlink_to(secret)
    (folder / "c.py").symlink_to(secret / "conv.py")
    assert names([folder]) == ["a", "!b", "!c"]
    lone = plant(tmp_path / "lone")
    (lone / "d").symlink_to(secret)
    assert names([lone]) == ["!lone"]


def test_names_are_unique(tmp_path):
    plant(tmp_path, "1/Alice/conv.py", "2/alice/conv.py", "3/alice-2/conv.py", "4/alice/conv.py")
    paths = [tmp_path / "1/Alice", tmp_path / "2/alice", tmp_path / "3/alice-2", tmp_path / "4/alice"]
    assert names(paths) == ["Alice", "alice-2", "alice-2-2", "alice-3"]


def test_files_that_share_the_required_name_are_told_apart_by_their_folders(tmp_path, monkeypatch):
    plant(tmp_path, "alice/conv.py", "bob/conv.py", "conv.py")
    assert names([tmp_path / "alice/conv.py"]) == ["conv"]
    assert names([tmp_path / "alice/conv.py", tmp_path / "bob/conv.py"]) == ["alice", "bob"]
    monkeypatch.chdir(tmp_path / "alice")
    assert names([Path("conv.py"), Path("../bob/conv.py")]) == ["alice", "bob"]
    assert names([Path()]) == ["alice"]


def test_many_long_names_stay_unique_and_short(tmp_path):
    stem = "業" * 60
    paths = [plant(tmp_path / str(i) / stem, "conv.py") for i in range(12)]
    found = names(paths)
    assert len(set(found)) == 12
    assert all(len(name.encode()) <= 100 for name in found)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("alice", "alice"),
        ("王小明_hw1", "王小明_hw1"),
        ("  Doe, Jane (12)", "Doe__Jane__12"),
        ("=cmd|' /C calc'!A0", "cmd____C_calc__A0"),
        ("-rf", "rf"),
        ("../..", "submission"),
        ("_late_", "late"),
        ("e\u0301va", "éva"),
        ("\udcff", "submission"),
    ],
)
def test_safe_names(raw, name):
    assert safe_name(raw) == name


@given(st.text(st.characters(), max_size=200))
def test_a_safe_name_is_safe(raw):
    name = safe_name(raw)
    assert name[0].isalnum()
    assert all(c.isalnum() or c in "._-" for c in name)
    assert len(name.encode()) <= 100
    assert safe_name(name) == name


@given(st.binary(max_size=300), st.sampled_from(["a.zip", "a.tar", "a.tgz", "a.py", "a"]))
def test_any_file_is_read_or_refused(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    (one,) = find_submissions([path], ONE)
    is_text = b"\0" not in content and not content.startswith((b"\xff\xfe", b"\xfe\xff", *contents.FORMATS))
    assert isinstance(one, Rejected) or name.endswith(".py")
    assert isinstance(one, Submission) or not (name.endswith(".py") and is_text)


def test_a_tar_of_links_to_secrets_is_refused(tmp_path):
    info = tarfile.TarInfo("conv.py")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(info)
    (tmp_path / "a.tar").write_bytes(buffer.getvalue())
    assert reason(tmp_path / "a.tar") == "The archive holds conv.py, a link or device. Hand in the file itself."


def test_packed_data_beside_the_work_make_no_class_of_a_folder(tmp_path):
    homework = assignment("conv.py")
    name = "conv.py"
    (tmp_path / "kim").mkdir()
    (tmp_path / "kim" / name).write_text("x = 1\n")
    for data in ("data.zip", "old.zip"):
        with zipfile.ZipFile(tmp_path / "kim" / data, "w") as archive:
            archive.writestr("numbers.csv", "1\n")
    (place,) = find_places([tmp_path / "kim"], homework)
    assert place.name == "kim"


def test_a_long_path_of_what_nobody_takes_costs_nothing(tmp_path):
    homework = assignment("conv.py")
    name = "conv.py"
    folder = tmp_path / "kim" / ("\ud55c" * 60) / ("\uae00" * 60)
    folder.mkdir(parents=True)
    (folder / "picture.png").write_bytes(b"")
    (tmp_path / "kim" / name).write_text("x = 1\n")
    assert isinstance(read_place(find_places([tmp_path / "kim"], homework)[0], homework), Submission)


@pytest.mark.parametrize("name", ["Conv.PY", "conv.py.txt", "conv.py (1)", "conv(1).py", "conv.py.download", "conv.PY"])
def test_a_suffix_that_a_browser_changed_is_undone(tmp_path, name):
    submission = read_submission(plant(tmp_path / "work", name), ONE)
    assert list(submission.files) == ["conv.py"]
    assert submission.renamed == f"{name} is taken as conv.py"


def test_the_file_itself_comes_before_one_with_a_changed_suffix(tmp_path):
    submission = read_submission(plant(tmp_path / "work", "conv.py", "conv.py.txt"), ONE)
    assert submission.renamed == ""
    assert submission.ignored == ("conv.py.txt",)


def test_a_document_in_a_class_folder_is_somebodys_mistake(tmp_path):
    plant(tmp_path, "ada/conv.py", "ben.docx", "cy/conv.py", "dan.PDF")
    found = {one.name: getattr(one, "reason", "") for one in find_submissions([tmp_path], ONE)}
    assert found["ben.docx"] == "ben.docx is a document of a word processor. Hand in the source, conv.py."
    assert found["dan.PDF"] == "dan.PDF is a PDF. Hand in the source, conv.py."
    assert (found["ada"], found["cy"]) == ("", "")
