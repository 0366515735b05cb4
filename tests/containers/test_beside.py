"""Two judges at once in one container, in Gradescope's layout: no attack reaches a neighbour."""

from __future__ import annotations

import subprocess

from tests.containers import machine


def test_no_attack_reaches_a_neighbour():
    roomy = ("--memory=3g", "--memory-swap=3g")  # Gradescope's 768 MB are for one judge
    command = machine.inside("-m", "tests.hostile.beside", "--isolation", "in-container", limits=roomy)
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, timeout=1800)
    assert ended.returncode == 0, ended.stdout[-4000:]
