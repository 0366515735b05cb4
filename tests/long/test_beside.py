"""The whole corpus by two judges at once, as in a container, honest submissions between."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.hostile import contained

ROOT = Path(__file__).resolve().parents[2]


def test_no_attack_reaches_a_neighbour(tmp_path):
    if why := contained.lacking():
        pytest.skip(why)
    command = contained.inside("-m", "tests.hostile.beside", "--isolation", "in-container")
    ended = subprocess.run(
        command, check=False, stdout=subprocess.PIPE, text=True, env=contained.environment(tmp_path), cwd=ROOT
    )
    assert ended.returncode == 0, ended.stdout[-4000:]
