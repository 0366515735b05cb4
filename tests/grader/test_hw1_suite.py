"""What hw1_conv's hidden suite is for, told from outside: a bug in a layer costs no network, and no network is none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.outcome import Grading
from grader.sandbox.opening import open_sandbox
from tests.grader.course import require_isolation

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long

WRONG = {
    "linear gives zeros": "def linear_forward(x, w, b):\n    return torch.zeros(len(x), len(w), dtype=x.dtype)\n",
    "linear gives its bias": "def linear_forward(x, w, b):\n    return b.expand(len(x), len(w)).clone()\n",
    "convolution gives zeros": (
        "def conv2d_forward(x, w, b, stride=1, pad=0):\n"
        "    return torch.zeros(len(x), len(w), x.shape[2] - 4, x.shape[3] - 4, dtype=x.dtype)\n"
    ),
    "convolution knows no weights": (
        "def conv2d_forward(x, w, b, stride=1, pad=0):\n"
        "    return x.sum(1, keepdim=True)[:, :, 4:, 4:].expand(-1, len(w), -1, -1).clone()\n"
    ),
    "relu gives zeros": "def relu_forward(x):\n    return torch.zeros_like(x)\n",
    "pooling gives ones": (
        "def maxpool2d_forward(x, k, stride):\n"
        "    return torch.ones(*x.shape[:2], x.shape[2] // 2, x.shape[3] // 2, dtype=x.dtype)\n"
    ),
    "relu lets everything through": "def relu_forward(x):\n    return x\n",
    "pooling takes means": (
        "def maxpool2d_forward(x, k, stride):\n    return x.unfold(2, k, stride).unfold(3, k, stride).mean((-2, -1))\n"
    ),
}
STUB = WRONG["convolution knows no weights"]
MISWIRED = {
    "no relu": STUB + "lenet = _without(lenet, 'relu_forward', lambda x: x)\n",
    "no pooling": STUB + "lenet = _without(lenet, 'maxpool2d_forward', lambda x, k, stride: x[:, :, ::k, ::k])\n",
    "scores of nothing": STUB + "def lenet(x, params):\n    return params['fc3.bias'].expand(len(x), -1)\n",
    "the last layer twice": STUB + "once = lenet\ndef lenet(x, params):\n    return once(x, params) * 2\n",
}
WITHOUT = """
def _without(function, name, other):
    def call(*args):
        own, globals()[name] = globals()[name], other
        try:
            return function(*args)
        finally:
            globals()[name] = own
    return call
"""


@pytest.fixture(scope="module")
def lenet_points() -> dict[str, float]:
    """What the reference's LeNet brings with one layer replaced, and put together wrongly too."""
    require_isolation()
    homework = load_homework(ROOT, "hw1_conv")
    points = {}

    def note(grading: Grading) -> None:
        points[grading.submission] = sum(one.earned for one in grading.outcomes if one.check.part == "lenet")

    submissions = []
    for name, layer in (WRONG | MISWIRED).items():
        content = f"{homework.reference_source}\n\n{WITHOUT}\n{layer}".encode()
        submissions.append(Submission(name, {"conv.py": content}, hashlib.sha256(content).hexdigest(), name))
    with open_sandbox(homework.assignment) as zygote:
        session.grade(homework, submissions, zygote, on_graded=note)
    return points


@pytest.mark.parametrize("layer", WRONG)
def test_a_wrong_layer_does_not_cost_the_network(lenet_points, layer):
    assert lenet_points[layer] == 10


@pytest.mark.parametrize("network", MISWIRED)
def test_a_wrong_layer_excuses_no_network_that_is_wrong_too(lenet_points, network):
    assert lenet_points[network] == 0
