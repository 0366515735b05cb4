"""The positive control of the hostile corpus: an attack that defeats not even a naive grader proves nothing.

Here for one attack of each class and kind of naive grader; `make hostile ARGS=--docs` tries them all, and docs/attacks.md says what was seen.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.hostile import corpus, run, shared
from tests.hostile.corpus import CANARIES, Attack
from tests.hostile.naive import Naive

FIRST = list({(attack.group, attack.control): attack for attack in reversed(corpus.load())}.values())
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="the naive grader's container needs bubblewrap"),
]


@pytest.fixture(scope="module")
def naive() -> Iterator[Naive]:
    with Naive(CANARIES) as opened:
        yield opened


@pytest.mark.parametrize("attack", FIRST, ids=lambda attack: attack.id.replace(" ", "-"))
def test_attack_defeats_a_naive_grader(naive: Naive, attack: Attack):
    defeated, seen = run.defeat(naive, attack)
    if not defeated:  # it may have to win a race
        defeated, seen = run.defeat(naive, attack)
    assert defeated, seen


@pytest.mark.parametrize("success", ["sibling", "canary"])
def test_who_means_well_defeats_no_naive_neighbour(success: str):
    harmless = b"import time\ntime.sleep(1)\n\n\ndef scale(x):\n    return 2 * x\n"
    attack = next(one for one in corpus.load() if one.control == "shared")
    defeated, seen = shared.defeat(replace(attack, success=success, files={"hostile.py": harmless}))
    assert not defeated, seen
