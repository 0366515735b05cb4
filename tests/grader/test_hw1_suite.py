"""What hw1_conv's hidden suite does with a hostile student's answers in the judge's own process."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

from grader import session
from grader.homework import load_homework
from grader.intake import Submission
from grader.outcome import Grading
from grader.sandbox.tiers import open_sandbox
from tests.benchmarks.checks import PlainStudent
from tests.grader.course import require_isolation

ROOT = Path(__file__).parents[2]
CONFTEST = ROOT / "tests" / "hidden" / "hw1_conv" / "conftest.py"


@pytest.fixture(scope="module")
def suite() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hw1_conftest", CONFTEST)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("features", "drawn"), [(400 * 64, [(120, 400 * 64)]), (400 * 64 + 1, [])])
def test_weights_are_not_drawn_to_fit_any_answer(suite, features, drawn):
    shapes = []

    def normal(*shape, dtype):
        shapes.append(shape)
        return torch.zeros(shape, dtype=dtype)

    student = PlainStudent(
        SimpleNamespace(
            conv2d_forward=lambda x, w, b: x,
            relu_forward=lambda x: x,
            maxpool2d_forward=lambda x, k, stride: torch.zeros(2, 1, 1, features),
            linear_forward=lambda x, w, b: None,
        )
    )
    params = {
        f"{name}.{kind}": torch.zeros(1, 1)
        for name in (*suite.CONVOLUTIONS, "fc2", "fc3")
        for kind in ("weight", "bias")
    }
    params |= {"fc1.weight": torch.zeros(120, 400), "fc1.bias": torch.zeros(120)}
    assert not suite._wired_right(student, SimpleNamespace(normal=normal), torch.zeros(2, 1, 32, 32), params)
    assert shapes == drawn


STUBS = {
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
}
WRONG = {
    "relu lets everything through": "def relu_forward(x):\n    return x\n",
    "pooling takes means": (
        "def maxpool2d_forward(x, k, stride):\n    return x.unfold(2, k, stride).unfold(3, k, stride).mean((-2, -1))\n"
    ),
}


@pytest.fixture(scope="module")
def lenet_points() -> dict[str, float]:
    """What the reference's LeNet brings with one layer replaced."""
    require_isolation()
    homework = load_homework(ROOT, "hw1_conv")
    points = {}

    def note(grading: Grading) -> None:
        points[grading.submission] = sum(one.earned for one in grading.outcomes if one.check.part == "lenet")

    submissions = []
    for name, layer in (STUBS | WRONG).items():
        content = f"{homework.reference_source}\n\n{layer}".encode()
        submissions.append(Submission(name, {"conv.py": content}, hashlib.sha256(content).hexdigest(), name))
    with open_sandbox(homework.assignment) as zygote:
        session.grade(homework, submissions, zygote, on_graded=note)
    return points


@pytest.mark.parametrize("stub", STUBS)
def test_a_network_of_stubs_brings_nothing(lenet_points, stub):
    assert lenet_points[stub] == 0


@pytest.mark.parametrize("layer", WRONG)
def test_a_wrong_layer_does_not_cost_the_network(lenet_points, layer):
    assert lenet_points[layer] == 10
