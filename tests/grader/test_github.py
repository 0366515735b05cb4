"""The action, the workflow templates and the pre-commit hook: parsed, and their shell lines run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from grader.commands.cli import main

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
TEMPLATES = sorted((ROOT / "docs" / "templates").glob("*.yml"))


def step(name: str) -> dict:
    return next(one for one in ACTION["runs"]["steps"] if one.get("name") == name)


@pytest.fixture
def perform(tmp_path):
    """Run the action's own line as a runner would: with its inputs in the environment, never in the script."""

    def run(**inputs: str) -> tuple[subprocess.CompletedProcess[str], str]:
        given = {"command": "selfcheck", "homework": "", "path": ".", "seed": ""} | inputs
        expressions = {"github.action_path": str(ROOT), **{f"inputs.{name}": value for name, value in given.items()}}
        environment = {
            name: expressions[value.removeprefix("${{ ").removesuffix(" }}")]
            for name, value in step("Run")["env"].items()
        }
        summary = tmp_path / "summary.md"
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step("Run")["run"]],
            env=os.environ | environment | {"GITHUB_STEP_SUMMARY": str(summary), "PATH": path, "PYTHONPATH": str(ROOT)},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return ended, summary.read_text() if summary.exists() else ""

    return run


@pytest.mark.long
def test_a_student_reads_the_table_in_the_summary(perform):
    ended, summary = perform(command="check", homework="hw1_conv", path="reference/hw1_conv")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert summary.startswith("### grader check hw1_conv\n\n    ")
    assert ended.stdout.strip().splitlines()[-1].strip() in summary


@pytest.mark.long
def test_a_seed_is_handed_on(perform):
    ended, _ = perform(seed="five")
    assert ended.returncode == 2
    assert "--seed takes the hexadecimal digits" in ended.stdout


@pytest.mark.long
def test_public_checks_that_fail_fail_the_job(perform):
    ended, summary = perform(command="check", homework="hw1_conv", path="assignments/hw1_conv")
    assert ended.returncode == 1
    assert "NotImplementedError" in summary


@pytest.mark.long
def test_a_course_that_is_none_fails_the_job(perform, tmp_path):
    ended, summary = perform(path=str(tmp_path))
    assert ended.returncode == 2
    assert "no course here" in summary


@pytest.mark.parametrize("inputs", [{"command": "check"}, {"command": "rm -rf /"}])
def test_inputs_that_make_no_sense_are_told(perform, inputs):
    ended, _ = perform(**inputs)
    assert ended.returncode == 2
    assert "::error::" in ended.stderr


def test_a_name_is_no_shell(perform, tmp_path):
    ended, _ = perform(command="check", homework=f"$(touch {tmp_path}/run); `touch {tmp_path}/run`")
    assert ended.returncode == 2
    assert not (tmp_path / "run").exists()


def test_no_expression_stands_in_a_script():
    assert not [one for one in ACTION["runs"]["steps"] if "${{" in one.get("run", "")]


@pytest.mark.parametrize("script", ["install.sh", "run.sh"])
def test_the_scripts_are_bash(script):
    subprocess.run(["bash", "-n", str(ROOT / ".github" / script)], check=True)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_use_the_action_as_it_is(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        used = next(one for one in job["steps"] if "grader" in one["uses"])
        assert set(used["with"]) <= set(ACTION["inputs"])


def test_the_hook_calls_a_command_that_there_is():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    script = shlex.split(hook["entry"])[2]
    assert 'grader release "$(basename "$(dirname "$toml")")" --out "$out"' in script
    assert "--out" in [name for option in main.commands["release"].params for name in option.opts]


@pytest.mark.long
def test_the_hook_lets_this_course_pass():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    command = shlex.split(hook["entry"].replace("grader release", f"{shlex.quote(sys.executable)} -m grader release"))
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert ended.returncode == 0, ended.stderr
