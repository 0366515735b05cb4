"""Part `forward`: the layer in training and in evaluation."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, either, leaves_inputs_alone, part, raises

CASES = {"images": (3, 4, 2, 5), "features": (5, 3)}
OUTPUTS = ("y", "running_mean", "running_var")


@pytest.fixture
def layer(normal, positive):
    """layer(4): gamma, beta, running mean and running variance of four channels."""

    def draw(channels, dtype=torch.float64):
        return *(normal(channels, dtype=dtype) for _ in range(3)), positive(channels, dtype=dtype)

    return draw


@part("forward")
@weight(1.5)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("case", CASES)
def test_training(judge_forward, batch, layer, case, output):
    """batchnorm_forward normalises with the batch's own statistics in training, and updates the running ones."""
    x = batch(*CASES[case])
    judge_forward(output, x, *layer(x.shape[1]), True, momentum=0.3, eps=0.5)


@part("forward")
@weight(1)
@pytest.mark.parametrize("case", CASES)
def test_evaluation(judge_forward, batch, layer, case):
    """batchnorm_forward normalises with the running statistics in evaluation."""
    x = batch(*CASES[case])
    judge_forward("y", x, *layer(x.shape[1]), False, momentum=0.3, eps=0.5)


@part("forward")
@weight(1)
@pytest.mark.parametrize("output", ["running_mean", "running_var"])
def test_evaluation_keeps(judge_forward, batch, layer, output):
    """batchnorm_forward returns the running statistics unchanged in evaluation."""
    judge_forward(output, batch(3, 4, 2, 5), *layer(4), False, momentum=0.3, eps=0.5)


@part("forward")
@weight(0.5)
@visibility("after_due_date")
def test_one_vector_in_evaluation(judge_forward, batch, layer):
    """batchnorm_forward works for a single feature vector in evaluation."""
    judge_forward("y", batch(1, 6), *layer(6), False)


@part("forward")
@weight(0.5)
@pytest.mark.parametrize("output", ["y", "running_mean"])
def test_defaults(judge_forward, draws, layer, output):
    """batchnorm_forward has a momentum of 0.1 and an eps of 1e-5 where none are given."""
    x = draws.remember(lambda: draws.normal(3, 4, 5, 2) * 0.005)
    judge_forward(output, x, *layer(4), True)


@part("forward")
@weight(1)
@visibility("after_due_date")
def test_single_value(student, judge_forward, batch, layer):
    """batchnorm_forward trains on two values per channel and refuses a single one with ValueError."""
    judge_forward("y", batch(1, 3, 1, 2), *layer(3), True, momentum=0.3, eps=0.5)
    raises(student.batchnorm_forward, "ValueError", batch(1, 3), *layer(3), True)
    raises(student.batchnorm_forward, "ValueError", batch(1, 3, 1, 1), *layer(3), True)


@part("forward")
@weight(0.5)
def test_forward_in_float32(judge_forward, batch, layer):
    """batchnorm_forward answers float32 tensors with float32 tensors."""
    x = batch(4, 3, 2, 5, dtype=torch.float32)
    inputs = layer(3, torch.float32)
    for output in OUTPUTS:
        judge_forward(output, x, *inputs, True, momentum=0.3)


@part("forward")
@weight(1)
def test_forward_in_odd_sizes(judge_forward, batch, layer):
    """batchnorm_forward is right for a single image, channel, row or column, for equal sizes and far values."""
    for shape in ((4, 1, 2, 3), (3, 4, 1, 5), (3, 4, 5, 1), (1, 4, 2, 3), (5, 1), (4, 4, 4, 4)):
        x, options = batch(*shape), {"momentum": 0.3, "eps": 0.5}
        inputs = layer(x.shape[1])
        judge_forward("y", x, *inputs, True, **options)
        judge_forward("y", x, *inputs, False, **options)
    x, inputs = batch(3, 4, 2, 5), layer(4)
    for scale in (0, 1e3):
        for training in (True, False):
            judge_forward("y", scale * x, *inputs, training, momentum=0.037, eps=0.037)
        judge_forward("running_mean", scale * x, *inputs, True, momentum=0.037)
    x, inputs = batch(4, 1, 2, 3), layer(1)
    for output in OUTPUTS[1:]:
        judge_forward(output, x, *inputs, True)
        judge_forward(output, x, *inputs, False)


@part("forward")
@weight(0.5)
@pytest.mark.parametrize("training", [True, False])
def test_forward_leaves_inputs(student, reference, batch, layer, training):
    """batchnorm_forward is right and leaves its arguments unchanged."""
    inputs = batch(3, 4, 2, 5), *layer(4), training

    def judge(ours, theirs):
        agree(ours, theirs, *inputs, momentum=0.3, eps=0.5)
        leaves_inputs_alone(ours, *inputs, momentum=0.3, eps=0.5)

    either(
        lambda: judge(student.batchnorm_forward, reference.batchnorm_forward),
        lambda: judge(student.probes.wired_forward, reference.probes.wired_forward),
    )
