from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.homework import Homework, load_homework
from grader.judging.manifest import Manifest, manifest
from tests.grader.course import ASSIGNMENT, MISTAKES, REFERENCE, SUITE, write_course


def made(folder: Path, suite: str = SUITE, **more) -> Homework:
    """A course whose suite has a file name of its own that does not change."""
    write_course(folder, suite=suite, **more)
    (written,) = (folder / "tests" / "hidden" / "hw0").glob("test_suite_*.py")
    written.rename(written.with_name("test_suite.py"))
    return load_homework(folder, "hw0")


@pytest.fixture
def before(tmp_path) -> Manifest:
    return manifest(made(tmp_path / "before"))


def changed(tmp_path: Path, before: Manifest, suite: str = SUITE, **more) -> frozenset[str]:
    return manifest(made(tmp_path / "after", suite, **more)).changed(before)


def test_the_same_sources_give_the_same_names(tmp_path, before):
    again = manifest(made(tmp_path / "again"))
    assert again == before
    assert again.sha256 == before.sha256


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("torch.arange(4)", "torch.arange(5)", {"double"}),
        ("@weight(2)", "@weight(2.0)", {"double"}),
        ("'''shift adds one to every element.'''", "'''shift adds 1.'''", {"shift"}),
        ("import torch", "import torch\n\nSIZE = 3", {"double", "shift"}),
        (
            '@part("shift")\n@weight(1)\ndef test_shift(',
            '@part("double")\n@weight(1)\ndef test_shift(',
            {"double", "shift"},
        ),
    ],
)
def test_a_changed_check_names_its_part_and_what_all_share_names_all(tmp_path, before, old, new, parts):
    assert SUITE.count(old)
    assert changed(tmp_path, before, SUITE.replace(old, new, 1)) == parts


def test_the_reference_and_the_limits_decide_over_every_part(tmp_path, before):
    assert changed(tmp_path, before, reference=REFERENCE + "\n# more\n") == {"double", "shift"}
    (tmp_path / "limits").mkdir()
    other = ASSIGNMENT.replace("call_seconds = 2", "call_seconds = 3")
    assert manifest(made(tmp_path / "limits", assignment=other)).changed(before) == {"double", "shift"}


def test_titles_dates_and_late_rules_decide_over_none(tmp_path, before):
    text = ASSIGNMENT.replace("Warm-up", "Another title").replace(
        "points = 5\n", 'points = 5\ndue = 2027-01-01T00:00:00Z\nattempts = "best"\n', 1
    )
    assert changed(tmp_path, before, assignment=text + "\n[late]\npercent_per_day = 5\n") == frozenset()


def test_a_helper_or_conftest_decides_over_every_part(tmp_path, before):
    homework = made(tmp_path / "after")
    (homework.suite / "conftest.py").write_text("X = 1\n")
    assert manifest(homework).changed(before) == {"double", "shift"}


def test_a_test_file_that_another_one_imports_decides_over_every_part(tmp_path):
    one = made(tmp_path / "one")
    (one.suite / "test_more.py").write_text("from test_suite import test_double\n")
    other = made(tmp_path / "other", SUITE.replace("torch.arange(4)", "torch.arange(5)"))
    (other.suite / "test_more.py").write_text("from test_suite import test_double\n")
    assert manifest(other).changed(manifest(one)) == {"double", "shift"}


@pytest.mark.parametrize(
    "test",
    [
        "class TestMore:\n    @part('double')\n    @weight(1)\n    def test_it(self, student):\n        '''It.'''\n",
        "NAME = 'double'\n\n\n@part(NAME)\n@weight(1)\ndef test_it(student):\n    '''It.'''\n",
        "def broken(:\n",
    ],
)
def test_what_is_not_understood_decides_over_every_part(tmp_path, before, test):
    assert changed(tmp_path, before, f"{SUITE}\n\n{test}") == {"double", "shift"}


def test_mistakes_decide_over_explanations_alone(tmp_path, before):
    more = {**MISTAKES, "shift_down": MISTAKES["shift_twice"].replace("x + 2", "x - 1")}
    after = manifest(made(tmp_path / "after", mistakes=more))
    assert after.changed(before) == frozenset()
    assert after.explained_anew(before) == {"shift"}
    assert after.sha256 != before.sha256


def test_a_new_part_is_a_changed_one(before):
    assert replace(before, parts={**before.parts, "more": "0"}).changed(before) == {"more"}
