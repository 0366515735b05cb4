"""`.ci/run` says how long each step took, and why it ended, also where one fails."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = (ROOT / ".ci" / "run").read_text("utf-8")
HEAD = SCRIPT.partition("# bubblewrap is the sandbox")[0]


def run(*steps: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", "\n".join([HEAD, *steps])], check=False, capture_output=True, text=True)


def test_all_steps_and_their_seconds_are_listed_at_the_end():
    ended = run("step true one", "step true two", "said=fine")
    assert ended.returncode == 0
    *_, title, first, second, together, empty, said = ended.stdout.splitlines()
    assert title == "== how long it took"
    assert re.fullmatch(r" +\d+ s  true one", first)
    assert re.fullmatch(r" +\d+ s  true two", second)
    assert re.fullmatch(r" +\d+ s  together", together)
    assert (empty, said) == ("", "fine")


def test_a_step_that_fails_ends_the_run_with_its_code_and_is_listed():
    ended = run("step bash -c 'exit 7'", "step true never", "said=fine")
    assert ended.returncode == 7
    assert re.search(r"^ +\d+ s  bash -c exit 7$", ended.stdout, re.MULTILINE)
    assert "never" not in ended.stdout
    assert "fine" not in ended.stdout


def test_container_tests_that_are_cut_off_are_said_in_the_last_line():
    tail = SCRIPT.partition("# All of it is to stay")[2]
    cut = tail.replace("make test-docker SAME=--short", "sleep 60").replace("left > 60 ? left : 60", "1")
    ended = run("#" + cut)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[-1].startswith("CUT OFF: the container tests did not end within ")


def test_what_test_runs_is_not_run_again():
    assert re.findall(r"^step make (test\S*)", SCRIPT, re.MULTILINE) == ["test", "test-long"]
    assert "make test-docker" in SCRIPT
