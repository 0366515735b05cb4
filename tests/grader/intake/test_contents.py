import os
import socket
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import contents as module
from grader.intake.caps import DEPTH, ENTRIES, FILE_BYTES, IntakeError, Unreadable
from grader.intake.contents import Contents, clean_parts, opened, read_folder, read_regular, shown


def read(folder) -> Contents:
    with opened(folder, directory=True) as descriptor:
        return read_folder(descriptor)


def test_sources_are_read_and_the_rest_is_named(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "conv.py").write_bytes(b"x = 1\n")
    (tmp_path / "sub" / "helper.py").write_bytes(b"")
    (tmp_path / "data.bin").write_bytes(b"\0")
    (tmp_path / "conftest.py").write_bytes(b"raise SystemExit")
    (tmp_path / "sub" / "sitecustomize.py").write_bytes(b"")
    for hidden in (".git", "__pycache__", "__MACOSX", "venv"):
        (tmp_path / hidden).mkdir()
        (tmp_path / hidden / "conv.py").write_bytes(b"no")
    contents = read(tmp_path)
    assert contents.sources == {"conv.py": b"x = 1\n", "sub/helper.py": b""}
    assert contents.ignored == {
        *("data.bin", "conftest.py", "sub/sitecustomize.py", ".git/", "__pycache__/", "__MACOSX/", "venv/")
    }


def test_links_fifos_and_sockets_are_faults_and_never_block(tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_bytes(b"answer")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "link.py").symlink_to(secret)
    (folder / "dir").symlink_to(tmp_path)
    os.mkfifo(folder / "fifo.py")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "sock.py"))
        contents = read(folder)
    assert contents.sources == {}
    assert contents.faults == {
        "link.py": "is a symbolic link",
        "fifo.py": "is no regular file",
        "sock.py": "is no regular file",
    }


def test_a_large_source_is_a_fault(tmp_path):
    (tmp_path / "fits.py").write_bytes(b"#" * FILE_BYTES)
    (tmp_path / "large.py").write_bytes(b"#" * (FILE_BYTES + 1))
    os.truncate(tmp_path / "large.py", 1 << 40)  # sparse: would fill the memory if it were read
    contents = read(tmp_path)
    assert list(contents.sources) == ["fits.py"]
    assert contents.faults == {"large.py": "is larger than 1 MB"}


def test_reading_is_bounded_even_where_the_size_lies():
    with opened("/proc/self/maps") as descriptor, pytest.raises(Unreadable, match="larger"):  # its size is 0
        read_regular(descriptor, 10)


def test_an_unreadable_file_is_a_fault(tmp_path, monkeypatch):
    (tmp_path / "conv.py").write_bytes(b"")
    real = os.open

    def denied(name, *args, **kwargs):
        if name == "conv.py":  # root may read everything, so permissions alone would not show it
            raise PermissionError(13, "Permission denied")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(module.os, "open", denied)
    assert read(tmp_path).faults == {"conv.py": "cannot be read: permission denied"}


def test_caps_on_entries_depth_and_total(tmp_path, monkeypatch):
    deep = tmp_path.joinpath("deep", *"abcdefgh"[: DEPTH - 1])
    deep.mkdir(parents=True)
    (deep / "conv.py").write_bytes(b"")
    assert list(read(tmp_path / "deep").sources) == ["a/b/c/d/e/f/g/conv.py"]
    with pytest.raises(IntakeError, match="nests folders more than 8 deep"):
        read(tmp_path)
    many = tmp_path / "many"
    many.mkdir()
    for i in range(ENTRIES):
        (many / f"{i}.txt").touch()
    assert len(read(many).ignored) == ENTRIES
    (many / "one more.txt").touch()
    with pytest.raises(IntakeError, match="more than 2,000 files and folders"):
        read(many)
    monkeypatch.setattr(module, "TOTAL_BYTES", 100)
    (deep / "conv.py").write_bytes(b"#" * 60)
    (deep / "more.py").write_bytes(b"#" * 60)
    with pytest.raises(IntakeError, match=r"MB of \.py files"):
        read(tmp_path / "deep")


@pytest.mark.parametrize(("one", "other"), [("a.py", "A.py"), ("é.py", unicodedata.normalize("NFD", "é") + ".py")])
def test_names_that_some_file_systems_take_for_one_are_refused(tmp_path, one, other):
    (tmp_path / one).touch()
    (tmp_path / other).touch()
    with pytest.raises(IntakeError, match="twice"):
        read(tmp_path)


def test_odd_names_in_a_folder_are_ignored(tmp_path):
    for name in (b"a\\b.py", b"a\nb.py", b"\xff.py", b"c\x1b[31m.py"):
        (os.fsencode(tmp_path) + b"/" + name).decode("utf-8", "surrogateescape")
        open(os.fsencode(tmp_path) + b"/" + name, "w").close()
    contents = read(tmp_path)
    assert not contents.sources
    assert len(contents.ignored) == 4
    assert all(name.isprintable() for name in contents.ignored)


@pytest.mark.parametrize(
    "raw",
    [
        "../conv.py",
        "a/../../b.py",
        "/etc/passwd",
        "\\\\server\\x.py",
        "..\\x.py",
        "C:\\x.py",
        "c:x.py",
        "a\0.py",
        "a\n.py",
    ],
)
def test_paths_that_lead_out_are_refused(raw):
    with pytest.raises(IntakeError):
        clean_parts(raw)


def test_clean_paths():
    assert clean_parts("./hw1\\sub//conv.py") == ("hw1", "sub", "conv.py")
    assert clean_parts(unicodedata.normalize("NFD", "é.py")) == (unicodedata.normalize("NFC", "é.py"),)
    assert clean_parts("./") == ()


@given(st.text())
def test_a_clean_path_stays_inside(raw):
    try:
        parts = clean_parts(raw)
    except IntakeError:
        return
    assert all(part not in ("", ".", "..") and "/" not in part and "\0" not in part for part in parts)
    assert clean_parts("/".join(parts)) == parts


@given(st.text(st.characters(), max_size=300))
def test_shown_names_are_printable_and_short(name):
    assert shown(name).isprintable()
    assert len(shown(name)) <= 100
    shown(name).encode()
