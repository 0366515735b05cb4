"""Parts `basic_block` and `bottleneck`: the same checks of both, on blocks filled with known numbers."""

import pytest
from gradescope_utils.autograder_utils.decorators import visibility, weight
from torch.nn.functional import relu

from grader.suite import agree, expect, expect_equal, part, pick

# name → channels in (by the block's own number of channels out), channels, stride
CASES = {"identity": (1, 6, 1), "stride": (1, 6, 2), "wider": (0, 6, 1), "both": (0, 5, 3)}
FORWARD = ("y", "buffers")
CASE = pytest.mark.parametrize("case", list(CASES))


def arguments(block, case):
    same, c, stride = CASES[case]
    return (c * (4 if block == "Bottleneck" else 1) if same else 7, c, stride)


def _state(student, reference, agree_outlines, block, case):
    args = arguments(block, case)
    agree_outlines(student.probes.outline_of(block, *args), reference.probes.outline_of(block, *args))


def _forward(student, reference, pair, images, agree_all, draws, block, case, training):
    args = arguments(block, case)
    theirs, ours, _ = pair(block, *args)
    x = images(3, args[0], 7, 10)
    y, buffers = draws.remember(lambda: reference.probes.forward(ours(), x, training))
    answer = student.probes.forward(theirs, x, training)
    expect_equal(pick(answer, "y", FORWARD), y, output="y")
    if training:
        agree_all(pick(answer, "buffers", FORWARD), buffers, "running statistic")


def _gradients(student, reference, pair, images, agree_all, draws, block, case):
    args = arguments(block, case)
    theirs, ours, _ = pair(block, *args)
    x = images(3, args[0], 7, 10)
    side = (-(-7 // args[2]), -(-10 // args[2]))
    dout = images(3, args[1] * (4 if block == "Bottleneck" else 1), *side)
    right = draws.remember(lambda: reference.probes.gradients(ours(), x, dout))
    agree_all(student.probes.gradients(theirs, x, dout), right, "gradient")


def _nothing_to_add(student, pair, images, needs_convolution, block, last):
    c_in, c, stride = arguments(block, "identity")
    theirs, _, _ = pair(block, c_in, c, stride)
    x = images(3, c_in, 5, 4)
    needs_convolution(theirs, x)
    for entry in ("weight", "bias"):
        student.probes.set_parameter(theirs, f"{last}.{entry}", 0.0)
    agree(lambda x: pick(student.probes.forward(theirs, x, False), "y", FORWARD), relu, x)


def _sizes(student, reference, pair, images, agree_outlines, draws, block, case):
    args = arguments(block, case)
    theirs, ours, _ = pair(block, *args)
    for n, h, w in ((2, 9, 6), (1, 9, 6), (args[0], args[0], args[0]), (2, 1, 5), (2, 5, 1)):
        x = images(n, args[0], h, w)
        right = draws.remember(lambda x=x: reference.probes.shapes(ours(), x))
        agree_outlines(student.probes.shapes(theirs, x), right, "the block")
        y, _ = draws.remember(lambda x=x: reference.probes.forward(ours(), x, False))
        expect_equal(pick(student.probes.forward(theirs, x, False), "y", FORWARD), y, output="y")


def _alone(student, pair, images, needs_convolution, block):
    args = arguments(block, "identity")
    theirs, _, _ = pair(block, *args)
    x = images(3, args[0], 5, 6)
    changed = student.probes.forward.inputs_changed(theirs, x, False)
    expect(not changed, "the block changes its input in place")
    needs_convolution(theirs, x)


@part("basic_block")
@weight(1)
@CASE
def test_basic_state(student, reference, agree_outlines, case):
    """BasicBlock has a state of the right names and shapes, with a projection where one is needed and only there."""
    _state(student, reference, agree_outlines, "BasicBlock", case)


@part("basic_block")
@weight(2)
@CASE
def test_basic_forward(student, reference, pair, images, agree_all, draws, case):
    """BasicBlock gives the right answer in evaluation."""
    _forward(student, reference, pair, images, agree_all, draws, "BasicBlock", case, training=False)


@part("basic_block")
@weight(1)
@pytest.mark.parametrize("case", ["identity", "both"])
def test_basic_training(student, reference, pair, images, agree_all, draws, case):
    """BasicBlock gives the right answer in training, and each batch normalisation its own running statistics."""
    _forward(student, reference, pair, images, agree_all, draws, "BasicBlock", case, training=True)


@part("basic_block")
@weight(2)
@pytest.mark.parametrize("case", ["identity", "both"])
def test_basic_gradients(student, reference, pair, images, agree_all, draws, case):
    """Gradients flow through BasicBlock, on both ways."""
    _gradients(student, reference, pair, images, agree_all, draws, "BasicBlock", case)


@part("basic_block")
@weight(4)
def test_basic_nothing_to_add(student, pair, images, needs_convolution):
    """Where its last batch normalisation gives 0, BasicBlock is relu(x)."""
    _nothing_to_add(student, pair, images, needs_convolution, "BasicBlock", "bn2")


@part("basic_block")
@weight(1)
@visibility("after_due_date")
@pytest.mark.parametrize("case", ["stride", "both"])
def test_basic_sizes(student, reference, pair, images, agree_outlines, draws, case):
    """BasicBlock takes its stride in the first convolution and in the projection, in images of all sizes."""
    _sizes(student, reference, pair, images, agree_outlines, draws, "BasicBlock", case)


@part("basic_block")
@weight(2)
def test_basic_leaves_its_input(student, pair, images, needs_convolution):
    """BasicBlock leaves its input as it was."""
    _alone(student, pair, images, needs_convolution, "BasicBlock")


@part("bottleneck")
@weight(1)
@CASE
def test_bottleneck_state(student, reference, agree_outlines, case):
    """Bottleneck has a state of the right names and shapes, with a projection where one is needed and only there."""
    _state(student, reference, agree_outlines, "Bottleneck", case)


@part("bottleneck")
@weight(2)
@CASE
def test_bottleneck_forward(student, reference, pair, images, agree_all, draws, case):
    """Bottleneck gives the right answer in evaluation."""
    _forward(student, reference, pair, images, agree_all, draws, "Bottleneck", case, training=False)


@part("bottleneck")
@weight(1)
@pytest.mark.parametrize("case", ["identity", "both"])
def test_bottleneck_training(student, reference, pair, images, agree_all, draws, case):
    """Bottleneck gives the right answer in training, and each batch normalisation its own running statistics."""
    _forward(student, reference, pair, images, agree_all, draws, "Bottleneck", case, training=True)


@part("bottleneck")
@weight(2)
@pytest.mark.parametrize("case", ["identity", "both"])
def test_bottleneck_gradients(student, reference, pair, images, agree_all, draws, case):
    """Gradients flow through Bottleneck, on both ways."""
    _gradients(student, reference, pair, images, agree_all, draws, "Bottleneck", case)


@part("bottleneck")
@weight(4)
def test_bottleneck_nothing_to_add(student, pair, images, needs_convolution):
    """Where its last batch normalisation gives 0, Bottleneck is relu(x)."""
    _nothing_to_add(student, pair, images, needs_convolution, "Bottleneck", "bn3")


@part("bottleneck")
@weight(1)
@visibility("after_due_date")
@pytest.mark.parametrize("case", ["stride", "both"])
def test_bottleneck_sizes(student, reference, pair, images, agree_outlines, draws, case):
    """Bottleneck takes its stride in the 3×3 convolution and in the projection, in images of all sizes."""
    _sizes(student, reference, pair, images, agree_outlines, draws, "Bottleneck", case)


@part("bottleneck")
@weight(2)
def test_bottleneck_leaves_its_input(student, pair, images, needs_convolution):
    """Bottleneck leaves its input as it was."""
    _alone(student, pair, images, needs_convolution, "Bottleneck")
