from __future__ import annotations

import ast
import contextlib
import io
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from grader.commands.demo import NAMES, TROUBLE, demo, hasty, simulate
from grader.errors import UsageError
from grader.homework import Homework, load_homework
from grader.outcome import Verdict
from grader.run.folder import course_of
from grader.sandbox.where import ANYWHERE
from tests.benchmarks.course import without_training
from tests.grader.course import require_isolation, write_course

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def homework() -> Homework:
    return load_homework(ROOT, "hw1_conv")


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
    assert {homework.reference_source, *homework.alternatives.values()} & set(texts)
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
def graded(tmp_path_factory) -> Path:
    """A class just large enough for every kind of trouble, graded; trainings would take most of the time."""
    require_isolation()
    out = tmp_path_factory.mktemp("demo")
    homework = without_training(tmp_path_factory.mktemp("course"))
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert demo([homework], out, 14, 2, ANYWHERE, in_haste=True) == 0  # seed 1 troubles what only a training calls
    (out / "said").write_text(said.getvalue())
    return out


def verdicts(out: Path) -> set[str]:
    found = (out / "reports" / "hw1_conv" / "_staff").glob("*/report.json")
    return {check["verdict"] for path in found for check in json.loads(path.read_text("utf-8"))["checks"]}


@pytest.mark.long
def test_a_graded_class_shows_every_verdict_but_our_own_fault(graded):
    assert verdicts(graded) == set(Verdict) - {Verdict.INFRA}


@pytest.mark.long
def test_everybody_has_reports(graded):
    students = {path.name for path in (graded / "submissions" / "hw1_conv").iterdir()}
    assert len(students) == 14
    for student in students:
        assert (graded / "reports" / "hw1_conv" / student / "report.html").is_file()


@pytest.mark.long
def test_the_demo_ends_in_a_report_and_the_page_of_the_class(graded):
    *_, report, page, gradebook = (graded / "said").read_text().splitlines()
    run = graded / "reports" / "hw1_conv"
    assert page == f"The class: {run / 'class.html'}"
    assert gradebook == f"The gradebook: {run / 'gradebook'}"
    assert "What this looks like" in Path(report.removeprefix("A report: ")).read_text("utf-8")
    said = (run / "class.html").read_text("utf-8")
    assert "ada/report.html" in said
    assert "Zoe" in said  # is on the roster and handed nothing in


def test_in_haste_a_call_has_a_fifth_of_its_time_and_all_else_is_as_it_was(homework, tmp_path):
    copy = hasty(homework, tmp_path)
    limits = homework.assignment.limits
    assert limits.call_seconds == 5
    assert copy.assignment.limits == limits.model_copy(update={"call_seconds": 1.0})
    assert copy.assignment.model_dump(exclude={"limits"}) == homework.assignment.model_dump(exclude={"limits"})
    assert course_of(copy) == course_of(homework)
    files = [path.relative_to(homework.suite) for path in sorted(homework.suite.rglob("*.*"))]
    assert all((copy.suite / path).read_bytes() == (homework.suite / path).read_bytes() for path in files)


@pytest.mark.long
def test_several_homeworks_get_one_page_and_a_demo_leaves_none_of_an_earlier_one(tmp_path):
    require_isolation()
    course = write_course(tmp_path / "course")
    other = without_training(tmp_path / "course")  # a second homework of the same course
    assert demo([load_homework(course, "hw0"), other], tmp_path / "out", 2, 1, ANYWHERE) == 0
    page = (tmp_path / "out" / "class.html").read_text("utf-8")
    assert "reports/hw0/" in page
    assert "reports/hw1_conv/" in page
    assert demo([load_homework(course, "hw0")], tmp_path / "out", 2, 1, ANYWHERE) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"reports", "submissions"}
    assert not (tmp_path / "out" / "class.html").exists()
    assert not (tmp_path / "out" / "gradebook").exists()


@pytest.mark.long
def test_the_demo_of_the_course_is_short_and_shows_every_verdict(tmp_path):
    require_isolation()
    command = [sys.executable, "-m", "grader", "demo", "-o", str(tmp_path / "out")]
    ended = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    assert len(ended.stdout.splitlines()) <= 40  # make shows the command, too
    assert verdicts(tmp_path / "out") == set(Verdict) - {Verdict.INFRA}
    assert len(list((tmp_path / "out" / "submissions" / "hw1_conv").iterdir())) == 24


@pytest.mark.long
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
    block = f"import sys; sys.modules |= dict.fromkeys({absent!r}); import grader.commands.demo, grader.commands.package.gradescope.run"
    subprocess.run([sys.executable, "-c", block], check=True, cwd=ROOT)
