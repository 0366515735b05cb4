"""Two judges at once in one container, in Gradescope's layout: no attack reaches a neighbour."""

from __future__ import annotations

import subprocess

from tests.containers import machine


def test_no_attack_reaches_a_neighbour():
    command = machine.inside("-m", "tests.hostile.beside", "--isolation", "in-container")
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, timeout=1800)
    assert ended.returncode == 0, ended.stdout[-4000:]
