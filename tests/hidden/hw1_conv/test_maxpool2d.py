"""Part `maxpool2d`."""

from typing import NamedTuple

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, expect, leaves_inputs_alone, part, raises


class Case(NamedTuple):
    """Images of h×w, pooled by k×k windows `stride` apart."""

    h: int
    w: int
    k: int
    stride: int

    def draw(self, normal, dtype=torch.float64):
        return normal(3, 2, self.h, self.w, dtype=dtype)

    def draw_dout(self, normal, dtype=torch.float64):
        h, w = ((n - self.k) // self.stride + 1 for n in (self.h, self.w))
        return normal(3, 2, h, w, dtype=dtype)


CASES = {"side_by_side": Case(6, 9, 2, 2), "overlapping": Case(8, 11, 3, 2), "with_gaps": Case(9, 12, 2, 3)}


@part("maxpool2d")
@weight(1.5)
@pytest.mark.parametrize("case", CASES)
def test_maximum(student, reference, normal, case):
    """maxpool2d_forward is right for windows side by side, overlapping or apart."""
    size = CASES[case]
    agree(student.maxpool2d_forward, reference.maxpool2d_forward, size.draw(normal), size.k, size.stride)
    for scale in (1e-9, 1e3):
        agree(student.maxpool2d_forward, reference.maxpool2d_forward, size.draw(normal) * scale, size.k, size.stride)


@part("maxpool2d")
@weight(0.5)
@visibility("after_due_date")
def test_pooling_of_one(student, reference, normal):
    """Pooling is right for one image, channel, row or column, windows of one pixel or place, and equal sizes."""
    shapes = {
        (1, 2, 5, 7): (2, 2),
        (3, 1, 5, 7): (3, 1),
        (3, 2, 1, 6): (1, 2),
        (3, 2, 6, 1): (1, 1),
        (1, 1, 3, 3): (3, 1),
        (3, 2, 4, 5): (3, 7),
        (4, 4, 4, 4): (2, 2),
        (2, 1, 10, 23): (9, 11),
    }
    for (n, c, h, w), (k, stride) in shapes.items():
        x, dout = normal(n, c, h, w), normal(n, c, (h - k) // stride + 1, (w - k) // stride + 1)
        agree(student.maxpool2d_forward, reference.maxpool2d_forward, x, k, stride)
        agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, x, k, stride)


@part("maxpool2d")
@weight(1)
def test_negative_maps(student, reference, normal):
    """maxpool2d_forward finds the largest value also where all values are negative."""
    x = -normal(3, 2, 7, 9).abs() - 0.1
    for scale in (1, 1e6):
        agree(student.maxpool2d_forward, reference.maxpool2d_forward, x * scale, 3, 2)


@part("maxpool2d")
@weight(2)
@pytest.mark.parametrize("case", CASES)
def test_pooled_gradient(student, reference, normal, case):
    """maxpool2d_backward sends each gradient to the winner of its window, and adds up where windows overlap."""
    size = CASES[case]
    x, dout = size.draw(normal), size.draw_dout(normal)
    agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, x, size.k, size.stride)
    negative = -1e3 * size.draw(normal).abs() - 1
    for scale in (1e-9, 1e3):
        dout = scale * size.draw_dout(normal)
        agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, negative, size.k, size.stride)


@part("maxpool2d")
@weight(1.5)
def test_ties(student, reference, normal):
    """maxpool2d_backward gives the whole gradient to the first of several equal cells, row by row."""
    x = (normal(3, 2, 8, 10) * 0.7).round()
    dout = normal(3, 2, 3, 4)
    agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, x, 3, 2)
    for value in (0, -2):
        agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, torch.full_like(x, value), 3, 2)


@part("maxpool2d")
@weight(0.5)
@visibility("after_due_date")
def test_gradient_is_conserved(student, normal):
    """maxpool2d_backward loses no gradient: a map's gradients add up to those of its windows."""
    size = Case(7, 10, 3, 1)
    x, dout = size.draw(normal), size.draw_dout(normal)
    dx = student.maxpool2d_backward(dout, x, size.k, size.stride)
    fits = isinstance(dx, torch.Tensor) and dx.shape == x.shape and dx.dtype == x.dtype
    expect(fits, "the result is no tensor of the same shape and dtype as `x`")
    lost = (dx.sum((2, 3)) - dout.sum((2, 3))).abs().max()
    expect(bool(lost <= 1e-9 * dout.abs().sum()), "the gradients of a map do not add up to those of its windows")


@part("maxpool2d")
@weight(1)
def test_pooling_in_float32(student, reference, normal):
    """maxpool2d_forward and maxpool2d_backward answer float32 tensors with float32 tensors."""
    size = Case(7, 8, 3, 2)
    x, dout = size.draw(normal, torch.float32), size.draw_dout(normal, torch.float32)
    agree(student.maxpool2d_forward, reference.maxpool2d_forward, x, size.k, size.stride)
    agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, x, size.k, size.stride)


@part("maxpool2d")
@weight(0.5)
@visibility("after_due_date")
def test_window_that_does_not_fit(student, reference, normal):
    """maxpool2d_forward works for a window as large as the map and refuses a larger one with ValueError."""
    for shape in ((3, 2, 4, 6), (3, 2, 6, 4)):
        x = normal(*shape)
        agree(student.maxpool2d_forward, reference.maxpool2d_forward, x, 4, 2)
        for k, stride in ((5, 2), (5, 1), (6, 3), (7, 1)):
            raises(student.maxpool2d_forward, "ValueError", x, k, stride)


@part("maxpool2d")
@weight(0.5)
def test_pooling_leaves_inputs(student, reference, normal):
    """maxpool2d_forward and maxpool2d_backward are right and leave their arguments unchanged."""
    size = CASES["side_by_side"]
    x, dout = size.draw(normal), size.draw_dout(normal)
    agree(student.maxpool2d_forward, reference.maxpool2d_forward, x, 2, 2)
    leaves_inputs_alone(student.maxpool2d_forward, x, 2, 2)
    agree(student.maxpool2d_backward, reference.maxpool2d_backward, dout, x, 2, 2)
    leaves_inputs_alone(student.maxpool2d_backward, dout, x, 2, 2)
