"""Attacks in archives: what `extractall` would have done with them, and what the intake does."""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.intake.submission import IntakeError, read_submission
from grader.spec import load_assignment
from tests.hostile.corpus import COURSE, Attack
from tests.hostile.here import Result

GOOD = b"def scale(x):\n    return 2 * x\n"
BOMB = 40_000_000


def _zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: int = 0) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in (("hostile.py", GOOD), *members):
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if mode and content != GOOD:
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return file.getvalue()


def _tar(*members: tarfile.TarInfo, content: bytes = b"x = 1\n") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        good = tarfile.TarInfo("hostile.py")
        good.size = len(GOOD)
        archive.addfile(good, io.BytesIO(GOOD))
        for member in members:
            if member.isreg():
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return file.getvalue()


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", **fields: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def _overlapping() -> bytes:
    """Many entries of a zip's table of contents that share one member's bytes."""
    packed = bytearray(_zip(("a.py", b"#" * 900_000)))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        start = archive.start_dir
    end = packed.rfind(b"PK\x05\x06")
    directory = bytes(packed[start:end])
    first = directory[: directory.find(b"PK\x01\x02", 4)]
    entry = directory[len(first) :]
    names = [b"%03d.py" % i for i in range(40)]
    copies = b"".join(entry[:28] + struct.pack("<H", len(n)) + entry[30:46] + n for n in names)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 41, 41, len(first) + len(copies), start, 0)
    return bytes(packed[:start]) + first + copies + tail


def _truncated() -> bytes:
    return gzip.compress(_tar())[:-60]


def _here(data: bytes, name: str, verdicts: frozenset[str]) -> Callable[[], Result]:
    def withstand() -> Result:
        assignment = load_assignment(COURSE / "assignments" / "hostile")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "in", name)
            path.parent.mkdir()
            path.write_bytes(data)
            started = time.monotonic()
            try:
                submission = read_submission(path, assignment)
                got, said, files = "taken", "", submission.files
            except IntakeError as error:
                got, said, files = "intake error", str(error), {}
            seconds = time.monotonic() - started
            strays = [str(stray) for stray in Path(folder).rglob("*") if stray not in (path, path.parent)]
        odd = [
            one
            for one in files
            if one.startswith("/") or ".." in one or one in ("conftest.py", "torch.py", "msgspec.py")
        ]
        bad = strays + odd + ([f"{seconds:.1f} s"] if seconds > 2 else [])
        bad += ["long message"] if len(said) > 600 or "\x1b" in said or "\n" in said else []
        return Result(bool(bad), frozenset([got]), ", ".join(bad) or said, seconds)

    return withstand


def _attack(name: str, sentence: str, verdict: str, data: bytes, file: str, **more: Any) -> Attack:
    verdicts = frozenset(verdict.split(", "))
    naive = {"name": file, "data": data, **more}
    return Attack(
        "unpack itself", name, sentence, verdicts, "files", "archive", naive=naive, here=_here(data, file, verdicts)
    )


def _tarball(*members: tarfile.TarInfo, content: bytes = b"x = 1\n") -> bytes:
    return gzip.compress(_tar(*members, content=content), 1)


LINK = 0o120777
ATTACKS = [
    _attack("zip_slip", "A path in a zip leads out of the folder.", "intake error", _zip(("../../stray.py", b"x = 1")), "a.zip"),
    _attack("zip_absolute", "A path in a zip is absolute.", "intake error", _zip(("/tmp/outside/stray.py", b"x = 1")), "a.zip"),
    _attack("zip_link", "A symbolic link in a zip points at a secret.", "intake error", _zip(("link.py", b"/tmp/course/secret.py"), mode=LINK), "a.zip"),
    _attack(
        "zip_through_a_link", "A link in a zip leads out, and the next file goes through it.", "intake error",
        _zip(("out", b"/tmp/outside"), ("out/stray.py", b"../x"), mode=LINK), "a.zip",
    ),
    _attack("zip_bomb", "A zip of 40 kB unpacks to 40 MB.", "intake error", _zip(("data.bin", bytes(BOMB))), "a.zip"),
    _attack("zip_bomb_of_sources", "Zipped sources unpack to 40 MB.", "intake error", _zip(*((f"s{i}.py", b"#" * 990_000) for i in range(40))), "a.zip"),
    _attack("zip_overlap", "Forty files of a zip share the same bytes.", "intake error", _overlapping(), "a.zip"),
    _attack("zip_entries", "A zip holds 5,000 empty files.", "intake error", _zip(*((f"d/{i}.txt", b"") for i in range(5_000))), "a.zip"),
    _attack("zip_twice", "A zip holds the file twice, with different contents.", "intake error", _zip(("./hostile.py", b"x = 2")), "a.zip", double=2),
    _attack("zip_deep", "A zip nests a hundred folders.", "intake error", _zip(("/".join("a" * 100) + "/x.py", b"x = 1")), "a.zip"),
    _attack("zip_hijackers", "A zip brings conftest.py, torch.py and a startup file along.", "taken", _zip(("conftest.py", b"x"), ("torch.py", b"x"), ("sitecustomize.py", b"x"), ("msgspec.py", b"x")), "a.zip", planted=["conftest.py", "torch.py"]),
    _attack("zip_corrupt", "A zip's member has another checksum than it says.", "intake error", _zip(method=zipfile.ZIP_STORED).replace(b"2 * x", b"3 * x"), "a.zip"),
    _attack("tar_slip", "A path in a tar leads out of the folder.", "intake error", _tarball(_member("../../stray.py")), "a.tar.gz"),
    _attack("tar_absolute", "A path in a tar is absolute.", "intake error", _tarball(_member("/tmp/outside/stray.py")), "a.tar.gz"),
    _attack("tar_link", "A symbolic link in a tar points at a secret.", "intake error", _tarball(_member("link.py", tarfile.SYMTYPE, "/tmp/course/secret.py")), "a.tar.gz"),
    _attack("tar_hard_link", "A hard link in a tar joins a secret.", "intake error", _tarball(_member("link.py", tarfile.LNKTYPE, "../../secret.py")), "a.tar.gz"),
    _attack("tar_through_a_link", "A link in a tar leads out, and the next file goes through it.", "intake error", _tarball(_member("out", tarfile.SYMTYPE, "/tmp/outside"), _member("out/stray.py")), "a.tar.gz"),
    _attack("tar_pipe", "A tar holds a named pipe, which whoever opens it waits for.", "intake error", _tarball(_member("pipe.py", tarfile.FIFOTYPE)), "a.tar.gz"),
    _attack("tar_bomb", "A tar of 40 kB unpacks to 40 MB.", "intake error", gzip.compress(_tar(_member("data.bin"), content=bytes(BOMB)), 9), "a.tar.gz"),
    _attack("tar_bomb_bzip2", "A tar of 200 bytes unpacks to 40 MB.", "intake error", bz2.compress(_tar(_member("data.bin"), content=bytes(BOMB))), "a.tar.bz2"),
    _attack("tar_setuid_over", "A tar makes a file again and again, each time read-only.", "intake error", _tarball(*(_member("a.py", mode=0o4755) for _ in range(3)), _member("../../stray2.py")), "a.tar.gz"),
    _attack("tar_truncated", "A compressed tar ends too early.", "intake error", _truncated(), "a.tar.gz"),
    _attack("tar_entries", "A tar holds 5,000 empty folders.", "intake error", _tarball(*(_member(f"d{i}", tarfile.DIRTYPE) for i in range(5_000))), "a.tar.gz"),
]  # fmt: skip
