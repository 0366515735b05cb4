"""Part `relu`."""

import torch
from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, leaves_inputs_alone, part


@part("relu")
@weight(1.5)
def test_relu_forward(student, reference, normal):
    """relu_forward keeps what is positive and sets the rest to zero, whatever the shape."""
    agree(student.relu_forward, reference.relu_forward, normal(3, 2, 4, 5))
    agree(student.relu_forward, reference.relu_forward, normal(7))


@part("relu")
@weight(2)
def test_relu_backward(student, reference, normal):
    """relu_backward passes the gradient where the input was positive, and only there."""
    agree(student.relu_backward, reference.relu_backward, normal(3, 2, 4, 5), normal(3, 2, 4, 5))


@part("relu")
@weight(1)
def test_gradient_at_zero(student, reference, normal):
    """relu_backward gives 0 where the input is exactly 0."""
    agree(student.relu_backward, reference.relu_backward, normal(4, 6), normal(4, 6).round())


@part("relu")
@weight(1)
def test_relu_in_float32(student, reference, normal):
    """relu_forward and relu_backward answer float32 tensors with float32 tensors."""
    x, dout = normal(3, 5, dtype=torch.float32), normal(3, 5, dtype=torch.float32)
    agree(student.relu_forward, reference.relu_forward, x)
    agree(student.relu_backward, reference.relu_backward, dout, x)


@part("relu")
@weight(0.5)
def test_relu_leaves_inputs(student, reference, normal):
    """relu_forward and relu_backward are right and leave their arguments unchanged."""
    x, dout = normal(3, 5), normal(3, 5)
    agree(student.relu_forward, reference.relu_forward, x)
    leaves_inputs_alone(student.relu_forward, x)
    agree(student.relu_backward, reference.relu_backward, dout, x)
    leaves_inputs_alone(student.relu_backward, dout, x)
