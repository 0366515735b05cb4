from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from grader.commands.cli import main
from grader.commands.selfcheck import cell as cells_of
from grader.commands.selfcheck import selfcheck
from grader.commands.selfcheck.matrix import Cell, Matrix, Row, cells
from grader.commands.selfcheck.text import conclusion, show
from grader.homework import load_homework
from grader.outcome import Check, Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.zygote import Zygote
from tests.grader.course import (
    ALTERNATIVES,
    ASSIGNMENT,
    MISTAKES,
    REFERENCE,
    STARTER,
    SUITE,
    require_isolation,
    write_course,
)


def overlay(sentence: str, parts: str, body: str, family: str = "") -> str:
    return f'"""{sentence}"""\n\nPARTS = ({parts},)\n{family}\n\n{body}\n'


CUBE = "def double(x):\n    return x * x * x\n"
NEGATE = "def double(x):\n    return -x\n"
FAMILY = 'FAMILY = "double_negated"'
WRONG = {
    "elsewhere": overlay(
        "You add.", '"double"', "def double(x):\n    return x + 5\n\n\ndef shift(x):\n    return x + 9\n"
    ),
    "harmless": overlay("You add.", '"double"', "def double(x):\n    return x + x\n"),
    "borrows": overlay(
        "You add three.", '"shift"', "def double(x):\n    return x * x\n\n\ndef shift(x):\n    return x + 3\n"
    ),
    "twin_one": overlay("You cube.", '"double"', CUBE),
    "twin_two": overlay("You take the cube.", '"double"', CUBE),
    "sibling_one": overlay("You negate.", '"double"', NEGATE, FAMILY),
    "sibling_two": overlay("You change the sign.", '"double"', NEGATE, FAMILY),
}
FAULTS = [
    (
        "alternative tripled is correct, but fails test_double (failed: the result is wrong in all of its elements), "
        "test_double_of_integers (failed: the result is wrong in 75% of its elements)"
    ),
    "the starter passes test_shift, test_shift_of_one_number, which it must not",
    "mistake borrows loses points in double too",
    "mistake borrows is diagnosed as double_squares",
    "mistake elsewhere loses points in shift too",
    "mistake harmless loses nothing in double: no check catches it there",
    "alternative tripled fails the public check “double doubles 3.” (twice 3 is 6  (test_public.py, line 7))",
    "mistake twin_one is not diagnosed in double",
    "mistake twin_two is not diagnosed in double",
    (
        "mistakes twin_one and twin_two give the same answers, so neither is diagnosed: "
        'write FAMILY = "twin_one" into both, or keep one'
    ),
]


@pytest.fixture(scope="module")
def zygote(tmp_path_factory) -> Iterator[Zygote]:
    require_isolation()
    homework = load_homework(write_course(tmp_path_factory.mktemp("course")), "hw0")
    with open_sandbox(homework.assignment) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def run(zygote) -> Callable[..., Result]:
    """`grader selfcheck` in this process, in a sandbox that is warm already."""

    def invoke(course: Path, *arguments: str) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(selfcheck, "open_sandbox", lambda assignment, tier, **_: nullcontext(zygote))
            return CliRunner().invoke(main, ["selfcheck", "--course", str(course), *arguments])

    return invoke


@pytest.fixture(scope="module")
def sound(run, tmp_path_factory) -> tuple[Result, Path]:
    course = write_course(tmp_path_factory.mktemp("sound"))
    return run(course, "hw0", "--json", str(course / "m.json"), "--html", str(course / "m.html")), course


@pytest.fixture(scope="module")
def unsound(run, tmp_path_factory) -> tuple[Result, list[str]]:
    course = write_course(
        tmp_path_factory.mktemp("unsound"),
        starter=STARTER.replace("def shift(x):\n    raise NotImplementedError", "def shift(x):\n    return x + 1"),
        alternatives=ALTERNATIVES
        | {"tripled": "def double(x):\n    return 3 * x\n\n\ndef shift(x):\n    return x + 1\n"},
        mistakes=MISTAKES | WRONG,
    )
    result = run(course, "--json", str(course / "m.json"))
    return result, json.loads((course / "m.json").read_text())[0]["faults"]


def test_a_sound_homework_grades_as_declared(sound):
    result, course = sound
    assert result.exit_code == 0, result.output
    assert "hw0 grades as declared (4 checks, 5 points, 2 mistakes" in result.output
    [matrix] = json.loads((course / "m.json").read_text())
    assert matrix["faults"] == []
    assert [(row["name"], row["score"]) for row in matrix["rows"]] == [
        ("reference", 5),
        ("sums", 5),
        ("starter", 0),
        ("double_squares", 2 + 1 - 3 + 2),
        ("shift_twice", 3),
    ]
    assert matrix["rows"][3]["diagnoses"] == ["double_squares", "double_squares", "", ""]
    assert "hw0 grades as declared" in (course / "m.html").read_text()


@pytest.mark.long
def test_a_few_mistakes_may_stay_without_a_sentence(run, tmp_path, monkeypatch):
    twins = {name: WRONG[name] for name in ("twin_one", "twin_two")}
    course = write_course(tmp_path, mistakes=MISTAKES | twins)
    assert run(course).exit_code == 1  # two of four
    monkeypatch.setattr(selfcheck, "UNNAMED_AT_MOST", 0.5)
    result = run(course)
    assert result.exit_code == 0, result.output
    assert "not diagnosed" not in result.output


@pytest.mark.long
def test_homeworks_at_a_time_come_out_in_their_order(tmp_path):
    require_isolation()
    course = write_course(tmp_path)
    for top in ("assignments", "reference", "tests/hidden"):
        shutil.copytree(course / top / "hw0", course / top / "hw9")
    (course / "assignments/hw9/assignment.toml").write_text(ASSIGNMENT.replace("hw0", "hw9", 1))
    shutil.rmtree(course / "reference/hw9/alternatives")
    seed = "0123456789abcdef" * 8  # a line that is longer than the terminal is wide, and is to be copied
    result = CliRunner().invoke(main, ["selfcheck", "--course", str(course), "--jobs", "2", "--seed", seed])
    assert result.exit_code == 1
    sound, unsound = result.output.split("hw0 grades as declared")
    assert "falls short" not in sound
    said = [line.split(" (")[0] for line in unsound.splitlines() if "falls short" in line or "--seed" in line]
    fault = "falls short: there is no alternative solution: nothing shows that a correct one passes"
    assert said == [
        fault,
        "hw9 falls short in 1 way",
        "hw9 falls short in 1 way",  # and once more where a log that was cut off still has it
        fault,
        f"Again with the same inputs: grader selfcheck hw9 --seed {seed}",
    ]


@pytest.mark.long
def test_whatever_falls_short_is_said_in_a_sentence(unsound):
    assert unsound[1] == FAULTS


def test_what_falls_short_ends_with_exit_code_1(unsound):
    result, _ = unsound
    assert result.exit_code == 1
    assert f"hw0 falls short in {len(FAULTS)} ways" in result.output
    for fault in FAULTS:
        assert " ".join(f"falls short: {fault}".split()) in said(result)


def test_a_shared_family_is_one_diagnosis(unsound):
    assert not any("sibling" in fault for fault in unsound[1])


GIVES_AWAY = """
import torch
from gradescope_utils.autograder_utils.decorators import weight
from grader.suite import agree, part

X = torch.tensor([0.25, 1.5, -3.75, 8.125], dtype=torch.float64)


@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one to what is doubled.'''
    agree(student.shift, reference.shift, reference.double(X))


@part("double")
@weight(3)
def test_double(student, reference):
    '''double doubles every element.'''
    agree(student.double, reference.double, X)
"""


@pytest.mark.long
def test_a_broken_reference(run, tmp_path):
    broken = write_course(tmp_path, reference=REFERENCE.replace("2 * x", "2.5 * x"), mistakes={}, alternatives={})
    result = run(broken)
    assert result.exit_code == 1
    assert "reference reference is correct, but fails test_double_of_integers (failed: " in " ".join(
        result.output.split()
    )
    assert "there is no alternative solution" in result.output
    assert "there is no mistake" in result.output


@pytest.mark.long
@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"suite": "import torch\n"}, "it holds no test"),
        (
            {"suite": SUITE.replace("@weight(2)", "@weight(3)")},
            "part 'double' has 3 points, but its checks add up to 4",
        ),
        ({"suite": SUITE.replace("'''double keeps integers.'''", "")}, "test_double_of_integers has no docstring"),
        (
            {
                "suite": SUITE.replace("import weight", "import visibility, weight").replace(
                    "@weight(2)", "@visibility('hiden')\n@weight(2)"
                )
            },
            "has the visibility 'hiden'; there are visible, hidden, after_due_date, after_published",
        ),
        (
            {"suite": GIVES_AWAY},
            "a check gives `shift` the answer that a later check asks of `double`: a submission could remember it",
        ),
        (
            {"suite": SUITE.replace('@part("shift")', '@part("shfit")')},
            "names part 'shfit', which is not in the assignment",
        ),
    ],
)
def test_a_suite_that_is_not_as_declared_falls_short(run, tmp_path, broken, sentence):
    result = run(write_course(tmp_path, **broken))
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def said(result: Result) -> str:
    return " ".join(result.output.split())


FOOLED = {
    "an error of the suite's": (
        {"suite": SUITE.replace("torch.arange(4)", "torch.arrange(4)")},
        "torch.arrange(4))`: AttributeError: module 'torch' has no attribute 'arrange' — in test_double_of_integers, for ref",
    ),
    "an error of the reference's": (
        {"reference": REFERENCE.replace("2 * x", "2 * y")},
        "`: NameError: name 'y' is not defined — in test_double, for alternative sums, mistake double_squares",
    ),
    "a fixture that there is not": (
        {"suite": SUITE.replace("def test_shift(student, reference, rng)", "def test_shift(student, reference, normal)")},
        "test_shift asks for 'normal', which is no fixture: there are common_draws, draws,",
    ),
    "a function in the handout": (
        {"alternatives": ALTERNATIVES | {"long": "def double(x):\n    y = x\n    y = y + x\n    return y\n\n\ndef shift(x):\n    return 1 + x\n"}},
        "falls short: release: README.md holds `double` of long: students would read it",
    ),
    "a starter that has parted": (
        {"starter": STARTER.replace("def shift(x)", "def shift(x, by)")},
        "the starter has parted: the starter has `shift(x, by)`, and the reference `shift(x)`",
    ),
}  # fmt: skip
README = (
    "# Warm-up\n\n```python\ndef twice(number):\n    both = number\n    both = both + number\n    return both\n```\n"
)


@pytest.mark.long
@pytest.mark.parametrize(("broken", "sentence"), FOOLED.values(), ids=FOOLED)
def test_the_self_check_cannot_be_fooled(run, tmp_path, broken, sentence):
    course = write_course(tmp_path, **broken)
    (course / "assignments" / "hw0" / "README.md").write_text(README)
    result = run(course)
    assert result.exit_code == 1
    assert sentence in said(result)
    assert said(result).count(sentence) == 1, "each is told once"


WANTING = {
    "README.md": "hw0 lacks README.md: students could not start without it",
    "tests/test_public.py": "tests holds no public checks",
}


@pytest.mark.long
@pytest.mark.parametrize("file", WANTING)
def test_a_handout_that_is_not_whole_falls_short(run, tmp_path, file):
    course = write_course(tmp_path)
    (course / "assignments" / "hw0" / file).unlink()
    result = run(course)
    assert result.exit_code == 1
    assert WANTING[file] in said(result)


@pytest.mark.long
def test_public_checks_tell_a_solution_from_a_starter(run, tmp_path):
    course = write_course(tmp_path)
    (course / "assignments" / "hw0" / "tests" / "test_public.py").write_text("def test_it():\n    assert 1\n")
    assert "the starter passes all public checks: they show a student nothing" in said(run(course))
    (course / "assignments" / "hw0" / "tests" / "test_public.py").write_text("import no_such_module\n")
    assert "the reference fails the public check “The module can be imported.”" in said(run(course))


@pytest.mark.long
def test_bans_that_match_nothing_are_told(run, zygote, tmp_path, monkeypatch):
    monkeypatch.setitem(zygote.about, "idle_bans", ["konv2d"])
    banned = ASSIGNMENT.replace('files = ["hw0.py"]', 'files = ["hw0.py"]\nbanned = ["konv2d"]')
    assert "falls short: banned: 'konv2d' matches nothing" in said(run(write_course(tmp_path, assignment=banned)))


@pytest.mark.long
def test_what_nothing_shows_to_work_is_told_and_is_no_fault(run, tmp_path):
    result = run(write_course(tmp_path, mistakes={"double_squares": MISTAKES["double_squares"]}))
    assert result.exit_code == 0
    assert "note: no mistake is of the part shift: nothing shows that its checks catch one" in said(result)
    near = MISTAKES["double_squares"].replace("x * x", "x + x if x.is_floating_point() else x * x")
    result = run(write_course(tmp_path / "other", mistakes=MISTAKES | {"double_squares": near}))
    assert "note: no mistake fails test_double" in said(result)


def test_a_course_without_homeworks_proves_nothing(tmp_path):
    (tmp_path / "assignments").mkdir()
    result = CliRunner().invoke(main, ["selfcheck", "--course", str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no homework, so nothing is proven: grader new homework NAME" in said(result)


def test_one_cell_with_everything_shown(tmp_path, zygote, monkeypatch):
    monkeypatch.setattr(cells_of, "open_sandbox", lambda *_, **__: nullcontext(zygote))
    course = write_course(tmp_path)

    def cell(solution: str, check: str) -> Result:
        arguments = ["selfcheck", "hw0", "--course", str(course), "--solution", solution, "--check", check]
        return CliRunner().invoke(main, arguments)

    wrong = cell("double_squares", "test_double")
    assert wrong.exit_code == 1
    for part in (
        "mistake double_squares, test_double: failed, 0 of 2 points",
        "message the result is wrong in",
        "diagnosis double_squares: You square.",
        "double(float64[3×4]) → float64[3×4]",
        "wrong_share",
    ):
        assert part in said(wrong)
    assert cell("sums", "test_double*").exit_code == 0
    assert "no solution 'nobody'; there are: reference, sums, starter, double_squares" in said(
        cell("nobody", "test_shift")
    )
    assert "there is no check 'test_none'; there are: test_double," in said(cell("sums", "test_none"))
    alone = CliRunner().invoke(main, ["selfcheck", "hw0", "--course", str(course), "--check", "test_shift"])
    assert (alone.exit_code, "one HOMEWORK, one --solution and one --check" in said(alone)) == (2, True)


def test_a_suite_that_does_not_collect_is_the_graders_failure(run, tmp_path):
    result = run(write_course(tmp_path, suite=SUITE + "\nimport nothing_of_that_name\n"))
    assert result.exit_code == 3
    assert "the hidden suite does not collect" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"assignment": ASSIGNMENT.replace("points = 5", "points = 6")}, "the parts' points add up to 5"),
        ({"mistakes": {"nameless": "PARTS = ('double',)\n"}}, "needs a docstring"),
        ({"mistakes": {"nowhere": overlay("Wrong.", '"tripling"', NEGATE)}}, "hw0 has no part 'tripling'"),
    ],
)
def test_files_that_cannot_be_read_are_wrong_usage(run, tmp_path, broken, sentence):
    result = run(write_course(tmp_path, **broken))
    assert result.exit_code == 2
    assert sentence in result.output


def matrix_of(*rows: Row, parts: tuple[str, ...] = ("forward",) * 6 + ("backward",) * 5 + ("relu",) * 2) -> Matrix:
    checks = tuple(Check(f"test_{i}", part, f"Sentence {i}.", 1) for i, part in enumerate(parts))
    return Matrix("hw1", "Homework 1", len(parts), checks, list(rows), [], 1.0)


def row(kind: str = "mistake", name: str = "flipped", lost: dict[int, str] | None = None, **more) -> Row:
    lost = {0: "flipped"} if lost is None else lost
    verdicts = tuple(Verdict.FAILED if i in lost else Verdict.PASSED for i in range(13))
    known = {"parts": ("forward",), "family": "flipped"} if kind == "mistake" else {}
    return Row(kind, name, 13 - len(lost), verdicts, tuple(lost.get(i, "") for i in range(13)), **(known | more))


@pytest.mark.parametrize(
    ("solution", "first"),
    [
        (row(), Cell.DIAGNOSED),
        (row(lost={0: ""}), Cell.LOST),
        (row(lost={0: "mirrored"}), Cell.ASTRAY),
        (row(parts=("backward",)), Cell.ASTRAY),
        (row(lost={}), Cell.PASSED),
        (row("alternative", lost={0: ""}), Cell.ASTRAY),
        (row("starter", lost={}), Cell.ASTRAY),
        (row("starter", lost={0: ""}, parts=("forward", "backward")), Cell.LOST),
        (replace(row(), verdicts=(Verdict.INFRA,) * 13), Cell.UNJUDGED),
    ],
)
def test_cells(solution, first):
    assert cells(matrix_of(solution), solution)[0] is first


def shown(matrix: Matrix, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO())
    show(console, matrix)
    return console.file.getvalue().splitlines()


def test_a_wide_console_has_a_line_for_each_solution():
    lines = shown(matrix_of(row("reference", "reference", {}), row(lost={0: "flipped", 3: "", 7: ""})), 80)
    assert lines[0] == "hw1  1:forward  2:backward  3:relu"
    assert lines[1] == "               1      2     3"
    assert lines[2] == "reference  13  ······ ····· ··"
    assert lines[3] == "flipped    10  ■··□·· ·✗··· ··"


@pytest.mark.parametrize("width", [40, 30, 24])
def test_a_narrow_console_folds_whole_parts(width):
    lines = shown(matrix_of(row("reference", "reference", {}), row(name="mistake_with_quite_a_long_name")), width)
    assert all(len(line) <= width for line in lines)
    strips = [piece for line in lines for piece in line.split() if set(piece) <= set("·■") and len(piece) > 1]
    assert sorted(strips) == sorted(["······", "·····", "··", "■·····", "·····", "··"])


def test_a_long_name_is_cut_rather_than_the_matrix():
    lines = shown(matrix_of(row(name="n" * 90)), 60)
    assert "n…  12  ■····· ····· ··" in lines[2]


def test_conclusions_count_in_english():
    matrix = matrix_of(row())
    assert conclusion(matrix) == "hw1 grades as declared (13 checks, 13 points, 1 mistake, 1 s)"
    matrix.faults.append("this")
    assert conclusion(matrix).startswith("hw1 falls short in 1 way (")
