"""The tests of tier in-container, in a place like a container: elsewhere its users may not enter a home, or are not to be had."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.hostile import contained

ROOT = Path(__file__).resolve().parents[2]
FILES = ("guest/test_isolation", "guest/test_probe", "sandbox/test_in_container", "sandbox/test_zygote")


def test_the_tier_where_it_is_to_be_had(tmp_path):
    if why := contained.lacking():
        pytest.skip(why)
    files = [f"tests/grader/{name}.py" for name in FILES]
    command = contained.inside(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "in-container or in_container", *files
    )
    ended = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, text=True, env=contained.environment(tmp_path), cwd=ROOT
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
    assert " passed" in ended.stdout
