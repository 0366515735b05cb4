"""Parts `resnext`, `squeeze_excitation` and `tournament`."""

import pytest
import torch
import torchvision
from gradescope_utils.autograder_utils.decorators import leaderboard, visibility, weight

from grader.suite import an_object, expect, part, pick

FORWARD = ("y", "buffers")
MADE_OF = ("Bottleneck", "ResNeXt", "SqueezeExcitation")  # what networks with squeeze and excitation are made of
BLOCKS = {
    "32x4d": (12, 32, 1, 8, 4),
    "1x64d": (12, 3, 2, 1, 64),
    "2x40d": (12, 8, 2, 2, 40),
    "identity": (32, 8, 1, 4, 24),
}
MOST = 300_000  # numbers that the tournament's network may learn
SE = {"resnet": ([1, 2, 1, 1], 1, 64, 5, 8, 4), "resnext": ([1, 1, 2, 1], 2, 40, 5, 8, 2)}


@part("resnext")
@weight(1)
@pytest.mark.parametrize("case", ["32x4d", "2x40d"])
def test_block_state(judges, case):
    """Bottleneck has a state of the right names and shapes, whatever its groups."""
    judges.outline("Bottleneck", *BLOCKS[case])


@part("resnext")
@weight(1)
@pytest.mark.parametrize("case", ["identity", "2x40d"])
def test_block_forward(judges, draws, case):
    """Bottleneck gives the right answer in groups."""
    judges.forward(draws.normal(3, BLOCKS[case][0], 7, 10), "Bottleneck", *BLOCKS[case])


@part("resnext")
@weight(1)
def test_block_training(judges, draws):
    """Bottleneck gives the right answer in training, and gradients flow through it."""
    args, x = BLOCKS["2x40d"], draws.normal(3, 12, 7, 10)
    judges.forward(x, "Bottleneck", *args, training=True)
    judges.gradients(x, [draws.normal(3, 32, 4, 5)], "Bottleneck", *args)


@part("resnext")
@weight(1)
@visibility("after_due_date")
def test_block_sizes(judges, draws):
    """Bottleneck takes its stride in the 3×3 convolution."""
    judges.sizes(draws.normal(2, 12, 9, 6), "Bottleneck", *BLOCKS["1x64d"])


@part("resnext")
@weight(1)
@pytest.mark.parametrize("case", ["resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d"])
def test_resnext_state(judges, case):
    """The constructor makes a network whose state has torchvision's names and shapes."""
    judges.of("Bottleneck").outline(case)


@part("resnext")
@weight(1)
def test_equal_cost(judges):
    """ResNeXt makes the networks of the lecture's table, and others, of as many classes as are asked for."""
    for groups, width in ((2, 40), (8, 14)):
        judges.of("Bottleneck").outline("ResNeXt", [1, 2, 1, 1], groups, width)
    judges.of("Bottleneck").outline("ResNeXt", [2, 1, 1, 2], 2, 24, 7, 16)
    for name in ("resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d"):
        judges.of("Bottleneck").outline(name, 13)


@part("resnext")
@weight(1)
def test_resnext_scores(judges, draws):
    """ResNeXt gives the right scores."""
    for n, layers in ((2, [1, 2, 1, 1]), (1, [1, 1, 1, 2])):
        judges.of("Bottleneck").forward(draws.normal(n, 3, 70, 61), "ResNeXt", layers, 4, 24, 5, 8)


@part("resnext")
@weight(1)
def test_torchvisions_resnext(judges, draws):
    """ResNeXt takes the weights of torchvision's network, and answers as that does."""

    def theirs():
        block = torchvision.models.resnet.Bottleneck
        return torchvision.models.ResNet(block, [1, 1, 1, 1], num_classes=5, groups=2, width_per_group=8)

    x = draws.normal(2, 3, 50, 40, dtype=torch.float32)
    judges.of("Bottleneck").takes_weights(x, theirs, "ResNeXt", [1, 1, 1, 1], 2, 8, 5)


@part("squeeze_excitation")
@weight(1)
def test_module_state(student, reference, judge_outlines):
    """SqueezeExcitation has two linear layers, and the state of what it wraps."""
    for args in ((3, 8, 4), (4, 48, 16)):
        theirs = an_object(student.probes.recalibrated(*args), "SqueezeExcitation")
        right = reference.probes.outline(reference.probes.recalibrated(*args))
        judge_outlines(student.probes.outline(theirs), right)


@part("squeeze_excitation")
@weight(2)
def test_module_forward(recalibrated, draws):
    """SqueezeExcitation gives the right answer around any block."""
    for shape in ((3, 4, 9, 12), (1, 4, 9, 12), (4, 4, 9, 9)):
        recalibrated.forward(draws.normal(*shape), 4, 12, 3)


@part("squeeze_excitation")
@weight(1)
def test_module_training(recalibrated, draws):
    """SqueezeExcitation gives the right answer in training, and what it wraps its running statistics."""
    recalibrated.forward(draws.normal(3, 4, 9, 12), 4, 12, 3, training=True)


@part("squeeze_excitation")
@weight(1)
def test_module_gradients(recalibrated, draws):
    """Gradients flow through SqueezeExcitation, on both ways."""
    recalibrated.gradients(draws.normal(3, 4, 9, 12), [draws.normal(3, 12, 4, 5)], 4, 12, 3)


@part("squeeze_excitation")
@weight(1)
@pytest.mark.parametrize("case", ["se_resnet50", "se_resnext50"])
def test_se_state(judges, case):
    """The constructor makes a network in whose blocks the last normalisation is wrapped, of any number of classes."""
    judges.of(*MADE_OF).outline(case)
    judges.of(*MADE_OF).outline(case, 13)


@part("squeeze_excitation")
@weight(1)
@pytest.mark.parametrize("case", list(SE))
def test_senet_scores(judges, draws, case):
    """senet gives the right scores: what a block adds is recalibrated."""
    judges.of(*MADE_OF).outline("senet", *SE[case])
    judges.of(*MADE_OF).forward(draws.normal(2, 3, 64, 50), "senet", *SE[case])


@part("squeeze_excitation")
@weight(1)
def test_senet_gradients(judges, draws):
    """Gradients flow through a network with squeeze and excitation."""
    judges.of(*MADE_OF).gradients(draws.normal(3, 3, 64, 50), [draws.normal(3, 5)], "senet", *SE["resnext"])


def is_a_contender(student, draws, classes):
    """The tournament's network learns at most 300,000 numbers, and gives a score for each class."""
    made = student.probes.contender(classes)
    model, count = (pick(made, name, ("model", "count")) for name in ("model", "count"))
    expect(type(count) is int, "the network's size is no number")
    expect(count <= MOST, f"the network learns {count:,} numbers; {MOST:,} are allowed")
    expect(count > 0, "the network learns nothing: `parameters()` is empty")
    model = an_object(model, "contender")
    x = draws.normal(3, 3, 32, 32, dtype=torch.float32)
    y = pick(student.probes.forward(model, x, False), "y", FORWARD)
    expect(isinstance(y, torch.Tensor) and y.is_floating_point(), "the network gives no scores")
    expect(tuple(y.shape) == (3, classes), f"scores of 3 images and {classes} classes have shape {tuple(y.shape)}")
    expect(not torch.equal(y[0], y[1]), "the scores are the same for all images")


@part("tournament")
@weight(2)
def test_contender(student, draws):
    """The network learns at most 300,000 numbers, and gives a score for each class of images of 32×32."""
    is_a_contender(student, draws, 10)
    is_a_contender(student, draws, 7)


@part("tournament")
@weight(6)
@leaderboard("accuracy")
def test_accuracy(student, measure, draws, set_leaderboard_value=None):  # noqa: PT028 - as gradescope-utils has it
    """The network, trained by your own `train`, tells shapes apart that it has not seen."""

    def train(job):
        return job.train(student.probes.trained, job.images, job.labels, job.epochs, job.seed)

    def scores(model, images):
        return pick(student.probes.forward(model, images, False), "y", FORWARD)

    def needs():
        is_a_contender(student, draws, 10)

    measure("tournament", train, scores, needs=needs, told=set_leaderboard_value)
