from __future__ import annotations

import msgspec
import pytest

from grader.homework import load_homework
from grader.judging.environment import Environment
from grader.run.cluster import messages
from grader.run.ipc import Setup
from grader.sandbox.where import WhereToGrade
from tests.grader.course import write_course


@pytest.fixture
def packed(tmp_path):
    homework = load_homework(write_course(tmp_path / "course"), "hw0")
    setup = Setup(
        str(homework.public), str(homework.reference), str(homework.suite), WhereToGrade("bubblewrap"), b"seed", "/run",
        homework.suite_sha256,
    )  # fmt: skip
    return homework, messages.course(homework, setup, Environment({"torch": "2.14"}, setup.where))


def test_a_course_unpacked_elsewhere_is_the_same_judge(packed, tmp_path):
    homework, course = packed
    course = messages.to_course.decode(messages.encode(course))
    there, setup = messages.unpack(course, tmp_path / "there")
    assert there.suite_sha256 == homework.suite_sha256
    assert there.mistakes == homework.mistakes
    assert messages.facts_of(Environment({"torch": "2.14"}, setup.where), there) == course.facts
    assert setup.out == str(tmp_path / "there" / "out")
    assert there.suite == tmp_path / "there" / "tests" / "hidden" / "hw0"


def test_another_archive_than_the_named_one_is_not_unpacked(packed, tmp_path):
    _, course = packed
    with pytest.raises(ValueError, match="damaged"):
        messages.unpack(msgspec.structs.replace(course, archive=course.archive + b"x"), tmp_path / "there")
    assert not (tmp_path / "there").exists()


def test_no_file_is_unpacked_outside(packed, tmp_path):
    _, course = packed
    archive = messages.zlib.compress(messages.encode({"../evil.py": b"x"}))
    sha256 = messages.hashlib.sha256(archive).hexdigest()
    with pytest.raises(ValueError, match="lies outside"):
        messages.unpack(msgspec.structs.replace(course, archive=archive, sha256=sha256), tmp_path / "there")
    assert not (tmp_path / "evil.py").exists()


def test_what_differs_is_said_in_words():
    here = {"torch": "2.13", "processor": "GenuineIntel avx avx2", "tier": "bubblewrap"}
    there = {"torch": "2.14", "processor": "GenuineIntel avx avx512f", "tier": "bubblewrap", "gpu": "0"}
    assert messages.differences(here, there) == [
        "gpu is none, not 0",
        "the processor lacks avx512f, has besides avx2",
        "torch is 2.13, not 2.14",
    ]
    assert messages.differences(there, there) == []


def test_this_machines_processor_is_told():
    assert len(messages._processor()) > 1
