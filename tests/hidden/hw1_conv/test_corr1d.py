"""Part `corr1d`: a kernel slides along a signal."""

import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, leaves_inputs_alone, part, raises


@part("corr1d")
@weight(3)
def test_filtered_signal(student, reference, normal):
    """corr1d gives the weighted sum at every position where the kernel fits."""
    signal, kernel = normal(13), normal(4)
    agree(student.corr1d, reference.corr1d, signal, kernel)
    for scale in (1e-9, 1e3):
        agree(student.corr1d, reference.corr1d, normal(13) * scale, kernel)
    agree(student.corr1d, reference.corr1d, signal, normal(4))


@part("corr1d")
@weight(2)
def test_filter_with_stride(student, reference, normal):
    """corr1d moves by the stride, also where it leaves samples over."""
    signal, kernel = normal(15), normal(4)
    agree(student.corr1d, reference.corr1d, signal, kernel, stride=2)
    agree(student.corr1d, reference.corr1d, signal, kernel, stride=3)
    agree(student.corr1d, reference.corr1d, signal, kernel, 4)
    agree(student.corr1d, reference.corr1d, signal, kernel, 20)


@part("corr1d")
@weight(1)
@visibility("after_due_date")
def test_filter_as_long_as_the_signal(student, reference, normal):
    """corr1d gives a tensor of one element where the kernel is as long as the signal, and takes kernels of one."""
    agree(student.corr1d, reference.corr1d, normal(6), normal(6))
    agree(student.corr1d, reference.corr1d, normal(6), normal(6), 2)
    agree(student.corr1d, reference.corr1d, normal(1), normal(1))
    agree(student.corr1d, reference.corr1d, normal(7), normal(1))


@part("corr1d")
@weight(1)
def test_filter_in_float32(student, reference, normal):
    """corr1d answers a float32 signal with a float32 tensor."""
    agree(student.corr1d, reference.corr1d, normal(9, dtype=torch.float32), normal(3, dtype=torch.float32))


@part("corr1d")
@weight(0.5)
def test_filter_longer_than_the_signal(student, reference, normal):
    """corr1d filters where it can, and refuses a kernel longer than the signal or a stride below 1 with ValueError."""
    signal, kernel = normal(5), normal(2)
    agree(student.corr1d, reference.corr1d, signal, kernel)
    raises(student.corr1d, "ValueError", signal, normal(6))
    raises(student.corr1d, "ValueError", signal, normal(6), stride=2)
    raises(student.corr1d, "ValueError", signal, normal(9), stride=3)
    for wrong in (0, -1, -2):
        raises(student.corr1d, "ValueError", signal, kernel, stride=wrong)


@part("corr1d")
@weight(0.5)
def test_filter_leaves_inputs(student, reference, normal):
    """corr1d filters the signal and leaves its arguments unchanged."""
    signal, kernel = normal(8), normal(3)
    agree(student.corr1d, reference.corr1d, signal, kernel)
    leaves_inputs_alone(student.corr1d, signal, kernel)
