from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from grader.commands import grade as grading
from grader.commands.cli import main
from grader.commands.selfcheck import selfcheck
from grader.errors import InfraError
from tests.grader.course import REFERENCE, write_course

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "cli.md").read_text("utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def grade(course: Path, *arguments: object) -> Result:
    return run("grade", "hw0", "--course", course, *arguments)


def documented(command: str) -> str:
    """The section of docs/cli.md about a command."""
    found = re.search(rf"^## grader {command}\b.*?(?=^## |\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section about {command}"
    return found[0]


def parameters(command: click.Command) -> list[click.Parameter]:
    """A command's own, and those of its commands."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [*command.params, *(parameter for one in below for parameter in parameters(one))]


def test_no_arguments_show_the_commands():
    result = run()
    assert result.exit_code == 2
    assert re.findall(r"^  (\w+)  ", result.output, re.MULTILINE) == list(main.commands)


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("grade", "--help"), ("selfcheck", "-h"), ("--version",)])
def test_help_and_version(arguments):
    assert run(*arguments).exit_code == 0


def test_help_loads_neither_torch_nor_pytest():
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from grader.commands.cli import main\n"
        "for arguments in (['--help'], ['grade', '--help'], ['demo', '--help']):\n"
        "    assert CliRunner().invoke(main, arguments).exit_code == 0\n"
        "print([name for name in ('torch', 'pytest', 'numpy', 'pandas', 'rich', 'pydantic') if name in sys.modules])\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("command", list(main.commands))
def test_every_option_of_a_command_is_documented(command):
    text = documented(command)
    for parameter in parameters(main.commands[command]):
        if isinstance(parameter, click.Option):
            for name in parameter.opts:
                assert f"`{name}`" in text or f" {name} " in text, f"{command} {name}"
        else:
            assert parameter.name
            assert parameter.name.upper() in text, f"{command} {parameter.name}"


@pytest.mark.parametrize("command", list(main.commands))
def test_no_option_is_documented_that_does_not_exist(command):
    options = parameters(main.commands[command])
    known = {name for option in options for name in (*option.opts, *option.secondary_opts)} | {"--help"}
    assert set(re.findall(r"(?<![\w-])--?[a-z]+(?:-[a-z]+)*\b", documented(command))) <= known


def test_no_command_is_documented_that_does_not_exist():
    assert re.findall(r"^## grader (\w+)", DOCS, re.MULTILINE) == list(main.commands)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("grdae", "hw0"), "No such command 'grdae'"),
        (("grade", "hw0", "x.py"), "Missing option '-o' / '--out'"),
        (("grade", "hw1_conv", "-o", "out"), "Missing argument 'PATHS...': out is no run's folder yet"),
        (("grade", "hw0", "x.py", "-o", "out", "--sead", "1"), "No such option '--sead'"),
        (("grade", "hw0", "x.py", "-o", "out", "--isolation", "hope"), "'hope' is not one of"),
        (("demo", "--students", "0"), "0 is not in the range"),
        (("selfcheck", "--course", "/nowhere"), "'/nowhere' does not exist"),
    ],
)
def test_typos_are_wrong_usage(arguments, sentence):
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in re.sub(r"\s+", " ", result.output)


@pytest.mark.parametrize("command", [("grade", "hw9", "x.py", "-o", "out"), ("selfcheck", "hw9")])
def test_an_unknown_homework_is_wrong_usage(course, command):
    result = run(*command, "--course", course)
    assert result.exit_code == 2
    assert "there is no assignment 'hw9'" in result.output
    assert "there are: hw0" in result.output


def test_no_course_at_all_is_wrong_usage(tmp_path):
    result = run("grade", "hw0", "x.py", "-o", tmp_path / "out", "--course", tmp_path)
    assert result.exit_code == 2
    assert "no course here" in result.output


def test_a_path_that_does_not_exist_is_wrong_usage(course, tmp_path):
    result = grade(course, tmp_path / "nobody.py", "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "nobody.py" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("seed", ["0x12", "abc", "no seed", "abcdef", ""])
def test_an_unreadable_seed_is_wrong_usage(course, tmp_path, seed):
    (tmp_path / "hw0.py").write_text(REFERENCE)
    result = grade(course, tmp_path / "hw0.py", "-o", tmp_path / "out", "--seed", seed)
    assert result.exit_code == 2
    assert "--seed takes the hexadecimal digits of a staff report's seed" in result.output


def test_an_out_that_cannot_be_made_is_wrong_usage(course, tmp_path):
    (tmp_path / "hw0.py").write_text(REFERENCE)
    (tmp_path / "file").touch()
    result = grade(course, tmp_path / "hw0.py", "-o", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert "cannot be made" in result.output


@pytest.mark.parametrize("module", [grading, selfcheck])
def test_a_machine_without_isolation_is_the_graders_failure(course, tmp_path, monkeypatch, module):
    def refuse(*_, **__):
        raise InfraError("this machine offers no isolation to grade in")

    monkeypatch.setattr(module, "environment" if module is grading else "open_sandbox", refuse)
    (tmp_path / "hw0.py").write_text(REFERENCE)
    if module is grading:
        result = grade(course, tmp_path / "hw0.py", "-o", tmp_path / "out")
    else:
        result = run("selfcheck", "--course", course)
    assert result.exit_code == 3
    assert "error: this machine offers no isolation to grade in" in result.output


def test_wrong_paths_of_a_student_are_wrong_usage(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course)
    result = run("check", "hw0", tmp_path / "nowhere.py")
    assert result.exit_code == 2
    assert "nowhere.py does not exist" in result.output
