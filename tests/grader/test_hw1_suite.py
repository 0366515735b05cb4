"""What hw1_conv's hidden suite does with a hostile student's answers in the judge's own process."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch

from tests.benchmarks.checks import PlainStudent

CONFTEST = Path(__file__).parents[1] / "hidden" / "hw1_conv" / "conftest.py"


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
    params = {f"{name}.{kind}": torch.zeros(1, 1) for name in suite.CONVOLUTIONS for kind in ("weight", "bias")}
    params |= {"fc1.weight": torch.zeros(120, 400), "fc1.bias": torch.zeros(120)}
    assert not suite._wired_right(student, SimpleNamespace(normal=normal), torch.zeros(2, 1, 32, 32), params)
    assert shapes == drawn
