"""What hw5_resnet's suite is for, told from outside: torchvision's networks are the model answer's, and bugs cost once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
import torchvision

from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.judging.answers import reference_of
from grader.outcome import Grading, Verdict
from grader.sandbox.opening import open_sandbox
from grader.sandbox.zygote import Zygote
from tests.grader.course import require_isolation

HOMEWORK = load_homework(Path(__file__).parents[2], "hw5_resnet")
NETWORKS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", NETWORKS)
def test_the_model_answer_has_torchvisions_state(name):
    with torch.device("meta"):
        theirs = getattr(torchvision.models, name)().state_dict()
    ours = reference_of(HOMEWORK).probes.outline_of(name)
    assert ours == {entry: list(tensor.shape) for entry, tensor in theirs.items()}


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_the_model_answer_gives_torchvisions_scores(name):
    reference = reference_of(HOMEWORK)
    theirs, ours = getattr(torchvision.models, name)(num_classes=5).eval(), getattr(reference, name)(5).eval()
    reference.probes.fill(theirs, 3)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 50, 41, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x))


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    require_isolation()
    with open_sandbox(HOMEWORK.assignment) as opened:
        yield opened


@pytest.fixture(scope="module")
def grade(zygote: Zygote) -> Callable[..., list[Grading]]:
    def some(*sources: str) -> list[Grading]:
        graded: list[Grading] = []
        submissions = [
            Submission(f"s{i}", {"resnet.py": source.encode()}, hashlib.sha256(source.encode()).hexdigest(), "s")
            for i, source in enumerate(sources)
        ]
        session.grade(HOMEWORK, submissions, zygote, on_graded=graded.append)
        return graded

    return some


REFERENCE = HOMEWORK.reference_source
BARE = """

class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=1000):
        super().__init__()
        self.fc = nn.Linear(3, num_classes)

    def forward(self, x):
        return self.fc(x.mean((2, 3)))
"""
STEM_ONLY = """

class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(512 * block.expansion, num_classes)
"""
EMPTY_BLOCK = """

class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, c_in, c, stride=1):
        super().__init__()
"""


def lost(grading: Grading) -> set[str]:
    return {outcome.check.part for outcome in grading.outcomes if outcome.verdict is not Verdict.PASSED}


def test_a_network_that_is_none_and_blocks_that_are_none(grade):
    bare, stem, empty = grade(REFERENCE + BARE, REFERENCE + STEM_ONLY, REFERENCE + EMPTY_BLOCK)
    for none in (bare, stem):
        assert lost(none) == {"resnet"}
        assert all(one.verdict is not Verdict.PASSED for one in none.outcomes if one.check.part == "resnet")
    assert lost(empty) == {"basic_block", "training"}, "its networks are put together as they should be"
    assert all(one.verdict is not Verdict.PASSED for one in empty.outcomes if one.check.part == "basic_block")


def test_probes_look_at_the_submission_only(grade):
    """What a submission says about itself is checked for its form: lies cost checks, not the judge."""
    lies = REFERENCE + "\n\ndef resnet18(num_classes=1000):\n    return 'a network'\n"
    (grading,) = grade(lies)
    named = {one.check.name: one.verdict for one in grading.outcomes}
    assert named["test_state[resnet18]"] is Verdict.ERROR
    assert Verdict.INFRA not in named.values()
