"""Part `running`."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, expect, leaves_inputs_alone, part, pick

OUTPUTS = ("running_mean", "running_var")


@pytest.fixture
def statistics(normal, positive):
    """Running mean and variance, then those of a batch."""
    return normal(4), positive(4), normal(4), positive(4)


@part("running")
@weight(3)
def test_running_mean(student, reference, statistics):
    """update_running moves the running mean towards the batch's, by the share that momentum says."""
    answer = {"momentum": 0.3, "output": "running_mean", "outputs": OUTPUTS}
    agree(student.update_running, reference.update_running, *statistics, 5, **answer)


@part("running")
@weight(3.5)
def test_running_variance(student, reference, statistics):
    """update_running moves the running variance towards the batch's unbiased one."""
    answer = {"momentum": 0.3, "output": "running_var", "outputs": OUTPUTS}
    agree(student.update_running, reference.update_running, *statistics, 5, **answer)


@part("running")
@weight(1.5)
@pytest.mark.parametrize("share", ["nothing", "all"])
@visibility("after_due_date")
def test_all_or_nothing(student, reference, statistics, share):
    """update_running keeps the old statistics with a momentum of 0, and forgets them with a momentum of 1."""
    agree(student.update_running, reference.update_running, *statistics, 7, momentum=float(share == "all"))
    if share == "nothing":  # what never moves them keeps them too, by no merit
        mean = pick(student.update_running(*statistics, 7, momentum=0.5), "running_mean", OUTPUTS)
        is_moved = isinstance(mean, torch.Tensor) and not torch.equal(mean, statistics[0])
        expect(is_moved, "the running mean never moves")


@part("running")
@weight(1)
def test_default_momentum(student, reference, statistics):
    """update_running has a momentum of 0.1 where none is given."""
    agree(student.update_running, reference.update_running, *statistics, 12)


@part("running")
@weight(0.5)
def test_running_in_float32(student, reference, normal, positive):
    """update_running answers float32 tensors with float32 tensors."""
    f32 = {"dtype": torch.float32}
    inputs = normal(4, **f32), positive(4, **f32), normal(4, **f32), positive(4, **f32)
    agree(student.update_running, reference.update_running, *inputs, 6, momentum=0.2)


@part("running")
@weight(0.5)
def test_running_leaves_inputs(student, reference, statistics):
    """update_running is right and leaves its arguments unchanged."""
    agree(student.update_running, reference.update_running, *statistics, 8)
    leaves_inputs_alone(student.update_running, *statistics, 8)


@part("running")
@weight(0.5)
def test_one_channel(student, reference, normal, positive):
    """update_running is right for a single channel, for batches of two values and of many, and for far values."""
    agree(student.update_running, reference.update_running, normal(1), positive(1), normal(1), positive(1), 2)
    for scale in (1e-9, 1e3):
        inputs = [scale * value for value in (normal(4), positive(4), normal(4), positive(4))]
        agree(student.update_running, reference.update_running, *inputs, 1000, momentum=0.037)
