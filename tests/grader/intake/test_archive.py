import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import tracemalloc
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake import archive as module
from grader.intake.archive import read_archive
from grader.intake.caps import ENTRIES, IntakeError
from grader.intake.contents import Contents, plain_suffix

FILES = {"hw1/conv.py": b"x = 1\n", "hw1/sub/helper.py": b"y = 2\n" * 200, "hw1/notes.txt": b"hello"}
SOURCES = {path: content for path, content in FILES.items() if path.endswith(".py")}
MEMORY, SECONDS = 40_000_000, 10.0  # what refusing a bomb may take; the bombs ask for gigabytes


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("archives") / "archive"

    def read(data: bytes) -> Contents:
        path.write_bytes(data)
        with path.open("rb") as file:
            return read_archive(file)

    return read


@pytest.fixture
def refused(read):
    """Read bytes that must be refused, within the bounds on memory and time, and return the sentence."""

    def refused(data: bytes, match: str) -> None:
        tracemalloc.start()
        start = time.monotonic()
        try:
            with pytest.raises(IntakeError, match=match):
                read(data)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < MEMORY
        assert time.monotonic() - start < SECONDS

    return refused


def zipped(files=FILES, method=zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # duplicate names are one of the attacks
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return buffer.getvalue()


def member(name: str, content: bytes = b"", **fields) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def tarred(members, form=tarfile.PAX_FORMAT, mode="w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=form) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


TAR = tarred([member(*file) for file in FILES.items()])
PACK = {"tar": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar(read, pack, form):
    contents = read(pack(tarred([member("hw1", type=tarfile.DIRTYPE), *(member(*f) for f in FILES.items())], form)))
    assert contents.sources == SOURCES
    assert contents.ignored == {"hw1/notes.txt"}


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_in_a_tar(read, form):
    name = "作業/" + "long" * 40 + ".py"
    assert read(tarred([member(name, b"1"), member("next.py", b"2")], form)).sources == {name: b"1", "next.py": b"2"}


def test_a_global_pax_header_is_skipped(read):  # `git archive` writes one
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", pax_headers={"comment": "0123abcd"}) as archive:
        info, content = member("conv.py", b"1")
        archive.addfile(info, io.BytesIO(content))
    assert read(buffer.getvalue()).sources == {"conv.py": b"1"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip(read, method):
    contents = read(zipped(method=method))
    assert contents.sources == SOURCES
    assert contents.ignored == {"hw1/notes.txt"}


def test_parallel_compressors_write_several_streams(read):
    halves = TAR[:700], TAR[700:]
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert read(b"".join(map(pack, halves))).sources == SOURCES
    assert read(gzip.compress(TAR) + bytes(1000)).sources == SOURCES  # padding


def test_windows_and_mac_habits(read):
    assert read(zipped({"hw1\\conv.py": b"1"})).sources == {"hw1/conv.py": b"1"}
    contents = read(zipped({"hw1/conv.py": b"1", "__MACOSX/hw1/._conv.py": b"2", "hw1/.DS_Store": b""}))
    assert contents.sources == {"hw1/conv.py": b"1"}
    assert contents.ignored == {"__MACOSX/", "hw1/.DS_Store"}


def test_a_zip_with_utf8_names_that_does_not_say_so(read):
    data = zipped({"作業.py": b"1"}).replace(struct.pack("<H", 0x800) + b"\x08\0", b"\0\0\x08\0")
    assert read(data).sources == {"作業.py": b"1"}
    big5 = "作業.py".encode("big5")
    stand_in = b"?" * len(big5)
    foreign = zipped({f"{stand_in.decode()}/conv.py": b"1"}).replace(stand_in, big5)
    assert [name.rpartition("/")[2] for name in read(foreign).sources] == ["conv.py"]


def test_nested_archives_are_ignored(read):
    assert read(zipped({"conv.py": b"1", "old.zip": zipped()})).ignored == {"old.zip"}


NAMES = ["../conv.py", "/conv.py", "a/../../conv.py", "C:\\conv.py", "..\\conv.py", "a\n.py"]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_out(refused, name):
    refused(zipped({name: b"1"}), "leads out|control character")
    refused(tarred([member(name, b"1")]), "leads out|control character")


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (["a.py", "a.py"], "twice"),
        (["a.py", "A.py"], "twice"),
        (["é.py", "e\u0301.py"], "twice"),
        (["/".join("abcdefgh") + "/conv.py"], "deep"),
        (["a" * 300 + ".py"], "longer than 255"),
        ([f"{i}.txt" for i in range(ENTRIES + 1)], "more than 2,000"),
    ],
)
def test_duplicates_and_caps(refused, names, match):
    refused(zipped([(name, b"") for name in names]), match)
    refused(tarred([member(name) for name in names]), match)


@pytest.mark.parametrize(
    "name", [".py" * 21_000 + "x", "a\u0301\u0323" * 12_000, "." + "1)" * 30_000, "x/" + "a" * 60_000]
)
def test_a_long_name_takes_no_time(refused, name):
    """A search in it that takes the square of its length would take minutes, and a table of contents has room for 30."""
    refused(zipped([("conv.py", b""), *((f"{i}{name}", b"") for i in range(30))]), "longer than 255")
    refused(tarred([member(f"{name}.py")]), "longer than 255")


@pytest.mark.parametrize("path", [".py" * 20_000 + "x", "." * 60_000, ".py (1" * 10_000])
def test_suffixes_are_found_in_one_walk_through_a_path(path):
    assert plain_suffix(path) == path


KINDS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE]


@pytest.mark.parametrize("kind", KINDS)
def test_links_and_devices_in_a_tar(refused, kind):
    refused(tarred([member("conv.py", type=kind, linkname="/etc/passwd")]), "link or device")


def test_links_in_a_zip(refused):
    info = zipfile.ZipInfo("conv.py")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    refused(zipped([(info, b"/etc/passwd")]), "link or device")


def test_a_link_in_an_ignored_folder_is_ignored(read):
    link = member(".venv/bin/python", type=tarfile.SYMTYPE, linkname="/usr/bin/python3")
    assert read(tarred([link, member("conv.py", b"1")])).sources == {"conv.py": b"1"}


def test_encrypted(refused):
    data = bytearray(zipped({"conv.py": b"1"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    refused(bytes(data), "encrypted")


def test_an_xz_dictionary_has_a_cap(refused, monkeypatch):
    monkeypatch.setattr(module, "XZ_MEMORY", 1 << 20)
    refused(lzma.compress(TAR, preset=6), "broken: Memory usage limit")


def test_empty_archives(read):
    assert read(zipped({})) == Contents("archive")
    assert read(tarred([])) == Contents("archive")


def test_unusual_compression(refused):
    refused(zipped(method=zipfile.ZIP_LZMA), "unusual compression")


def test_a_large_source_is_a_fault_of_its_own(read):
    large = {"large.py": random.Random(0).randbytes(1_000_001), "conv.py": b"1"}
    for data in (zipped(large), tarred([member(*f) for f in large.items()])):
        contents = read(data)
        assert contents.sources == {"conv.py": b"1"}
        assert contents.faults == {"large.py": "is larger than 1 MB"}


def test_bombs_of_one_file(refused):
    zeros = bytes(70_000_000)
    refused(zipped({"zeros.bin": zeros}), "unpacks to more than")
    with_tail = tarred([member("zeros.bin", zeros)])
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        refused(pack(with_tail), "unpacks to more than")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_endless_streams(refused, pack):
    start = tarred([member("conv.py", b"1")])[:1024]
    refused(pack(start) + pack(bytes(10_000_000)) * 90, "unpacks to more than|cut|end|broken")
    refused(pack(b"") * 100_000, "too many pieces")


def test_a_bomb_of_bombs_in_compression(refused):
    refused(gzip.compress(gzip.compress(bytes(100_000_000))), "broken")


def test_a_lying_size_in_a_zip(refused):
    honest = zipped({"conv.py": b"#" * 900_000})
    size = struct.pack("<I", 900_000)
    refused(honest.replace(size, struct.pack("<I", 10)), "broken")
    refused(honest.replace(size, struct.pack("<I", 950_000)), "broken")
    stored = zipped({"conv.py": b"1"}, zipfile.ZIP_STORED)
    refused(stored.replace(b"1PK", b"2PK"), "broken")  # the checksum differs


def test_overlapping_members(refused):
    """Many entries of the table of contents that share one member's bytes: 28 MB of sources out of one."""
    content = zlib.decompress(zlib.compress(b"#" * 900_000))
    one = zipped({"a0.py": content})
    at = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[at:end]
    table = b"".join(entry.replace(b"a0.py", f"a{i}.py".encode()) for i in range(10))
    tail = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 10, 10, len(table), at, 0)
    refused(one[:at] + table + tail, "unpacks to more than 200 times|overlap")


def test_overlap_is_refused_without_any_compression(refused):
    one = zipped({"a0.py": b"1" * 50}, zipfile.ZIP_STORED)
    at, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    table = one[at:end] * 2
    refused(one[:at] + table + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(table), at, 0), "overlap")


def test_a_huge_table_of_contents(refused):
    table = (b"PK\x01\x02" + bytes(42)) * 300_000
    start = zipped({"a.py": b""})[:35]
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(table), len(start), 0)
    refused(start + table + end, "table of contents")


def extended(kind: bytes, content: bytes, size: int | None = None) -> bytes:
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, len(content) if size is None else size
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
@pytest.mark.parametrize("size", [1_000_000, 1 << 40])
def test_huge_extended_headers(refused, kind, size):
    refused(extended(kind, bytes(1024), size), "header in it is too large")
    refused(gzip.compress(extended(kind, bytes(20_000_000), size)), "header in it is too large")


@pytest.mark.parametrize(
    "records",
    [
        b"0 a=b\n",
        b"1 ",
        b"99 a=b\n",
        b"-5 a=b\n",
        b"9" * 60_000,
        b"5 a=\n" * 10_000,
        b"\xc2\xb2 a=b\n",
        b" ",
        b"10 size=x\n",
    ],
)
def test_malformed_pax_headers(refused, records):
    refused(extended(tarfile.XHDTYPE, records) + TAR, "broken")


def test_sparse_members_and_negative_sizes(refused):
    refused(extended(tarfile.XHDTYPE, b"22 GNU.sparse.major=1\n") + TAR, "sparse")
    refused(extended(tarfile.REGTYPE, b"", -512) + TAR, "negative")
    refused(extended(tarfile.XHDTYPE, b"", -512) + TAR, "header in it")
    refused(extended(tarfile.XHDTYPE, b"11 size=-9\n") + TAR, "negative|broken")


def test_a_lying_size_in_a_tar(refused):
    refused(extended(tarfile.REGTYPE, b"x", 1 << 60) + TAR, "ends too early")


def test_headers_without_end(refused):
    refused(gzip.compress(extended(tarfile.XHDTYPE, b"7 a=bc\n") * 60_000), "too many headers|unpacks to more")


def test_too_large_on_disk(refused, monkeypatch):
    monkeypatch.setattr(module, "ARCHIVE_BYTES", 100)
    refused(TAR, "larger than")


def test_truncated(read):
    for data in (zipped(), gzip.compress(TAR), bz2.compress(TAR), lzma.compress(TAR), TAR[:2048]):
        for length in {1, 100, len(data) // 2, len(data) - 1} - ({len(data) - 1} if data == TAR[:2048] else set()):
            with pytest.raises(IntakeError, match=r"^The (archive|file) .*\.$"):
                read(data[:length])


def test_a_flipped_bit_in_the_padding_is_noticed(read):
    data = bytearray(gzip.compress(TAR))
    data[-6] ^= 1  # the checksum behind everything
    with pytest.raises(IntakeError, match="broken"):
        read(bytes(data))


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c", bytes(200), b"\x80\x04."]
)
def test_no_archive(read, data):
    with pytest.raises(IntakeError, match="neither"):
        read(data)


@settings(max_examples=300, deadline=2000)
@given(st.data())
def test_arbitrary_bytes_raise_nothing_but_intake_errors(read, data):
    """Noise behind every magic, and real archives with bytes changed, cut out and doubled."""
    magics = [b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0"]
    small = {"hw1/conv.py": b"x = 1\n", "notes.txt": b"hi"}
    whole = [zipped(small), TAR, *(pack(TAR) for pack in PACK.values())]
    if data.draw(st.booleans()):
        bytes_ = data.draw(st.sampled_from(magics)) + data.draw(st.binary(max_size=600))
    else:
        bytes_ = bytearray(data.draw(st.sampled_from(whole)))
        for _ in range(data.draw(st.integers(1, 6))):
            at = data.draw(st.integers(0, len(bytes_)))
            bytes_[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    try:
        contents = read(bytes(bytes_))
    except IntakeError as error:
        assert str(error)
        assert str(error).isprintable()
    else:
        assert all(path.endswith(".py") and ".." not in path.split("/") for path in contents.sources)


@settings(max_examples=60)
@given(st.dictionaries(st.text("abé業 -_", min_size=1, max_size=120), st.binary(max_size=2000), max_size=6))
def test_every_container_reads_alike(read, files):
    files = {f"{name.strip() or 'x'}.py": content for name, content in files.items()}
    members = [member(*file) for file in files.items()]
    try:
        expected = read(zipped(files)).sources
    except IntakeError as error:
        assert "twice" in str(error)
        return
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        assert read(tarred(members, form)).sources == expected
