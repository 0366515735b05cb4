"""Part `relu`."""

import torch
from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, leaves_inputs_alone, part


@part("relu")
@weight(1.5)
def test_relu_forward(student, reference, normal):
    """relu_forward keeps what is positive and sets the rest to zero, whatever the shape."""
    x = normal(3, 2, 4, 5)
    agree(student.relu_forward, reference.relu_forward, x)
    agree(student.relu_forward, reference.relu_forward, normal(7))
    for scale in (1e-6, 1e3, 1e6):
        agree(student.relu_forward, reference.relu_forward, x * scale)
    for shape in ((), (1,), (1, 1), (1, 6), (6, 1), (4, 4), (2, 1, 1, 3), (2, 3, 2, 1, 2)):
        agree(student.relu_forward, reference.relu_forward, normal(*shape))
    agree(student.relu_forward, reference.relu_forward, x * 0)


@part("relu")
@weight(2)
def test_relu_backward(student, reference, normal):
    """relu_backward passes the gradient where the input was positive, and only there."""
    dout, x = normal(3, 2, 4, 5), normal(3, 2, 4, 5)
    agree(student.relu_backward, reference.relu_backward, dout, x)
    for scale in (1e-6, 1e3, 1e6):
        agree(student.relu_backward, reference.relu_backward, dout, x * scale)
        agree(student.relu_backward, reference.relu_backward, dout * scale, x)
    for shape in ((), (1,), (7,), (1, 1), (1, 6), (6, 1), (4, 4), (2, 1, 1, 3), (2, 3, 2, 1, 2)):
        agree(student.relu_backward, reference.relu_backward, normal(*shape), normal(*shape))


@part("relu")
@weight(1)
def test_gradient_at_zero(student, reference, normal):
    """relu_backward gives 0 where the input is exactly 0."""
    dout = normal(4, 6)
    agree(student.relu_backward, reference.relu_backward, dout, normal(4, 6).round())
    agree(student.relu_backward, reference.relu_backward, dout, dout * 0)


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
