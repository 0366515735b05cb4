from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from grader.commands.demo import NAMES, TROUBLE, demo, simulate
from grader.errors import UsageError
from grader.homework import Homework, load_homework
from grader.outcome import Verdict
from grader.sandbox.where import ANYWHERE
from tests.grader.course import require_isolation

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def homework() -> Homework:
    known = load_homework(ROOT, "hw1_conv")
    limits = known.assignment.limits.model_copy(update={"call_seconds": 1.0})  # an endless loop costs this
    return replace(known, assignment=known.assignment.model_copy(update={"limits": limits}))


def sources(homework: Homework, folder: Path, students: int, seed: int) -> dict[str, str]:
    """Student → what they hand in, "" for nothing."""
    paths = simulate(homework, folder, students, seed)
    return {path.name: "".join(file.read_text("utf-8") for file in path.iterdir()) for path in paths}


@pytest.fixture(scope="module")
def drawn(homework, tmp_path_factory) -> dict[str, str]:
    return sources(homework, tmp_path_factory.mktemp("class"), 40, 1)


def test_a_seed_draws_the_same_class_again(homework, drawn, tmp_path):
    assert sources(homework, tmp_path / "again", 40, 1) == drawn
    assert sources(homework, tmp_path / "other", 40, 2) != drawn


def test_every_kind_of_trouble_is_in_the_class(homework, drawn):
    texts = list(drawn.values())
    assert "" in texts
    assert homework.starter_source in texts
    assert homework.reference_source in texts
    assert set(homework.alternatives.values()) & set(texts)
    for text in TROUBLE.values():
        assert sum(text.split("\n", 3)[3] in one for one in texts) == 1  # its lines after the one with the name drawn


def test_exactly_one_does_not_parse(drawn):
    def parses(text: str) -> bool:
        try:
            ast.parse(text)
        except SyntaxError:
            return False
        return True

    assert sum(not parses(text) for text in drawn.values()) == 1


def test_some_make_several_mistakes_in_different_parts(homework, drawn):
    made = {
        student: [mistake for mistake in homework.mistakes if mistake.overlay in text]
        for student, text in drawn.items()
    }
    counts = Counter(len(mistakes) for mistakes in made.values())
    assert counts[1] >= 5
    assert counts[2] + counts[3] >= 5
    for mistakes in made.values():
        parts = [part for mistake in mistakes for part in mistake.parts]
        assert len(parts) == len(set(parts))


def test_large_classes_have_names_of_their_own(homework, tmp_path):
    names = [path.name for path in simulate(homework, tmp_path, 2 * len(NAMES) + 1, 3)]
    assert len(set(names)) == len(names)
    assert names[len(NAMES)] == f"{NAMES[0]}-2"


@pytest.fixture(scope="module")
def graded(homework, tmp_path_factory) -> Path:
    """A class just large enough for every kind of trouble, graded."""
    require_isolation()
    out = tmp_path_factory.mktemp("demo")
    assert demo([homework], out, 14, 1, ANYWHERE) == 0
    return out


def test_a_graded_class_shows_every_verdict_but_our_own_fault(graded):
    seen = set()
    for path in (graded / "reports" / "hw1_conv" / "_staff").glob("*/report.json"):
        seen |= {check["verdict"] for check in json.loads(path.read_text("utf-8"))["checks"]}
    assert seen == set(Verdict) - {Verdict.INFRA}


def test_everybody_has_reports(graded):
    students = {path.name for path in (graded / "submissions" / "hw1_conv").iterdir()}
    assert len(students) == 14
    for student in students:
        assert (graded / "reports" / "hw1_conv" / student / "report.html").is_file()


def test_the_demo_ends_in_the_page_of_the_class(graded):
    page = (graded / "class.html").read_text("utf-8")
    assert "reports/hw1_conv/ada/report.html" in page
    assert (graded / "gradebook" / "gradebook.csv").is_file()
    assert "Zoe" in page  # is on the roster and handed nothing in


def test_a_demo_replaces_a_demo_and_nothing_else(homework, graded, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "precious").touch()
    with pytest.raises(UsageError, match="is no demo's: choose another folder with -o"):
        demo([homework], tmp_path, 1, 1, ANYWHERE)
    assert (tmp_path / "reports" / "precious").exists()
    assert (graded / ".demo").exists()


def test_a_class_is_drawn_where_there_are_no_ledger_and_no_tables():
    """As in Gradescope's image, which has what grading one submission takes."""
    absent = ("alembic", "copydetect", "matplotlib", "openpyxl", "pandas", "psycopg", "pyarrow", "sqlalchemy", "yaml")
    block = f"import sys; sys.modules |= dict.fromkeys({absent!r}); import grader.commands.demo, grader.package.gradescope.run"
    subprocess.run([sys.executable, "-c", block], check=True, cwd=ROOT)
