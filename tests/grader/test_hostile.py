"""The hostile corpus: no attack defeats this grader, and no honest submission is accused."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from grader.outcome import Verdict
from grader.sandbox.tiers import TIERS
from tests.hostile import corpus, honest, run
from tests.hostile.corpus import Attack
from tests.hostile.here import Here, same, submission

ATTACKS = corpus.load()
# The first of each group, but on no homework of the course; all others are long.
FIRST = {attack.group: attack for attack in reversed(ATTACKS) if not attack.course}
CASES = [
    pytest.param(attack, id=attack.id.replace(" ", "-"), marks=[] if attack in FIRST.values() else pytest.mark.long)
    for attack in ATTACKS
]
pytestmark = [
    pytest.mark.skipif(all(module.missing() for module in TIERS.values()), reason="no tier of isolation here"),
    pytest.mark.filterwarnings("ignore"),  # whatever the chromium of this machine or a submission's archive says
]


@pytest.fixture(scope="module")
def here() -> Iterator[Here]:
    with Here() as opened:
        yield opened


def test_the_corpus_is_large_and_of_every_class():
    assert len(ATTACKS) >= 110
    assert {attack.success for attack in ATTACKS} == set(corpus.SUCCESSES)


def test_each_was_seen_to_defeat_a_naive_grader():
    page = run.DOCS.read_text("utf-8")
    unseen = [attack.id for attack in ATTACKS if not run.seen_to_defeat(attack, page)]
    assert unseen == [], "make hostile ARGS=--docs tries them, and writes docs/attacks.md"


@pytest.mark.parametrize("attack", CASES)
def test_attack_gets_nothing(here: Here, attack: Attack):
    result = here.withstand(attack)
    assert not result.succeeded, result.seen
    assert result.verdicts <= attack.verdicts, result.seen


@pytest.mark.long
@pytest.mark.parametrize("style", honest.submissions())
def test_nobody_honest_is_accused(here: Here, style: str):
    grading = here.grade(submission(honest.submissions()[style]))
    wrong = [(o.check.name, o.verdict, o.message) for o in grading.outcomes if o.verdict is not Verdict.PASSED]
    assert wrong == []


CROWD = [attack for attack in ATTACKS if attack.group in ("harm a sibling", "leave a process", "contaminate the next")]


def _attack_all(_: int) -> int:
    """Grade attackers in a judge of its own, beside another one."""
    with Here() as other:
        return sum(other.grade(submission(attack.files)).provenance.seconds >= 0 for attack in CROWD)


@pytest.mark.long
def test_an_attacker_before_beside_and_after_changes_nothing(here: Here):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        crowd = pool.submit(_attack_all, 0)
        beside = []
        while not crowd.done():
            beside.append(here.grade(submission(here.homework.reference_source.encode())))
        assert crowd.result() == len(CROWD)
    assert beside
    assert all(same(one, here.honest) for one in beside)


@pytest.mark.long
def test_strict_mode():
    attack = next(attack for attack in ATTACKS if attack.id == "contaminate the next/tmp_file")
    with Here(strict=True) as strict:  # a sandbox of its own for each takes seconds, so no time is looked at
        twice = [submission(attack.files)] * 2
        grading = strict.grade(*twice)
        assert {o.verdict for o in grading.outcomes if o.check.part == attack.part} == {Verdict.FAILED}
        assert same(strict.grade(*twice, submission(strict.homework.reference_source.encode())), strict.honest)


def test_header_of_an_unknown_form_is_refused(tmp_path):
    (tmp_path / "odd.py").write_text('"""Says nothing."""\n')
    with pytest.raises(ValueError, match="has no header"):
        corpus.read(tmp_path / "odd.py")


def test_json_of_a_row():
    attack = ATTACKS[0]
    row = run.Row(attack, (True, ""), run.Result(False, attack.verdicts, "", 0.5))
    assert row.faults == []
    assert json.loads(json.dumps(run.as_data(row)))["naive"] is True
    assert run.Row(attack, (False, "no"), run.Result(True, frozenset({"passed"}), "points")).faults
