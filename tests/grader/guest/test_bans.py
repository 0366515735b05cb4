"""Which operators a list of globs bans. That the ban holds is shown where submissions try it."""

from __future__ import annotations

import pytest
import torch

from grader.guest.bans import matching
from tests.grader.toy import BANNED

NAMES = [
    "aten::conv2d",
    "aten::conv2d.padding",
    "aten::conv1d",
    "quantized::conv2d.new",
    "aten::linear",
    "aten::matmul",
]


@pytest.mark.parametrize(
    ("patterns", "banned"),
    [
        (["conv2d"], ["aten::conv2d", "aten::conv2d.padding", "quantized::conv2d.new"]),
        (["aten::conv2d"], ["aten::conv2d", "aten::conv2d.padding"]),
        (["*::conv?d"], ["aten::conv2d", "aten::conv2d.padding", "aten::conv1d", "quantized::conv2d.new"]),
        (["conv"], []),
        (["Linear"], []),
        (["linear", "conv1d"], ["aten::conv1d", "aten::linear"]),
        ([], []),
    ],
)
def test_globs(patterns, banned):
    assert matching(patterns, NAMES) == banned


def test_the_convolutions_of_this_torch_are_all_caught():
    known = torch._C._dispatch_get_all_op_names()
    banned = set(matching(BANNED, known))
    assert {"aten::conv2d", "aten::convolution", "aten::_convolution", "aten::slow_conv3d", "aten::im2col"} <= banned
    missed = [name for name in known if "conv" in name and name not in banned]
    assert all("conv" not in name.split("::")[1].split("_") for name in missed), missed


def test_what_a_solution_needs_is_not_caught():
    known = torch._C._dispatch_get_all_op_names()
    bases = {name.split("::")[1].split(".")[0] for name in matching(BANNED, known)}
    assert not bases & {
        "matmul",
        "einsum",
        "as_strided",
        "pad",
        "unfold",
        "repeat",
        "tile",
        "gather",
        "index_add_",
        "mm",
    }
