"""Part `linear`."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, leaves_inputs_alone, part


@part("linear")
@weight(1.5)
def test_linear_forward(student, reference, normal):
    """linear_forward gives x wᵀ + b."""
    x, w, b = normal(3, 7), normal(4, 7), normal(4)
    agree(student.linear_forward, reference.linear_forward, x, w, b)
    agree(student.linear_forward, reference.linear_forward, normal(3, 7), normal(4, 7), normal(4) * 1e3)
    agree(student.linear_forward, reference.linear_forward, x * 0, w, b)
    agree(student.linear_forward, reference.linear_forward, x * 1e-9, w, b * 1e-9)


@part("linear")
@weight(0.5)
@visibility("after_due_date")
def test_linear_layers_of_one(student, reference, normal):
    """linear_forward and linear_backward are right for one image, feature or unit, and where sizes are equal."""
    for n, d, m in ((1, 7, 4), (3, 1, 4), (3, 7, 1), (1, 7, 1), (1, 1, 1), (3, 4, 4), (4, 4, 4)):
        dout, x, w, b = normal(n, m), normal(n, d), normal(m, d), normal(m)
        agree(student.linear_forward, reference.linear_forward, x, w, b)
        agree(student.linear_backward, reference.linear_backward, dout, x, w, b)


@part("linear")
@weight(1.5)
@pytest.mark.parametrize("gradient", ["dx", "dw", "db"])
def test_linear_backward(student, reference, normal, gradient):
    """linear_backward gives the right gradient for x, for w and for b."""
    inputs = normal(5, 4), normal(5, 7), normal(4, 7), normal(4)
    names = ("dx", "dw", "db")
    agree(student.linear_backward, reference.linear_backward, *inputs, output=gradient, outputs=names)
    dout, x, w, b = inputs = normal(5, 4), normal(5, 7), normal(4, 7), normal(4)
    agree(student.linear_backward, reference.linear_backward, *inputs, output=gradient, outputs=names)
    for given in ((1e-9 * dout, x, w, b), (1e3 * dout, x, w, b), (dout, x * 0, w, b)):
        agree(student.linear_backward, reference.linear_backward, *given, output=gradient, outputs=names)


@part("linear")
@weight(1)
def test_linear_in_float32(student, reference, normal):
    """linear_forward and linear_backward answer float32 tensors with float32 tensors."""
    dout, x, w, b = (normal(*shape, dtype=torch.float32) for shape in ((3, 4), (3, 7), (4, 7), (4,)))
    agree(student.linear_forward, reference.linear_forward, x, w, b)
    agree(student.linear_backward, reference.linear_backward, dout, x, w, b)


@part("linear")
@weight(0.5)
def test_linear_leaves_inputs(student, reference, normal):
    """linear_forward and linear_backward are right and leave their arguments unchanged."""
    dout, x, w, b = normal(3, 4), normal(3, 7), normal(4, 7), normal(4)
    agree(student.linear_forward, reference.linear_forward, x, w, b)
    leaves_inputs_alone(student.linear_forward, x, w, b)
    agree(student.linear_backward, reference.linear_backward, dout, x, w, b)
    leaves_inputs_alone(student.linear_backward, dout, x, w, b)
