"""Parts `alexnet`, `vgg`, `inception`, `googlenet` and `densenet`: networks before ResNet, and one after it."""

import pytest
import torch
import torchvision
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.judging.compare import kind
from grader.suite import expect, experiment, part, pick

FORWARD = ("y", "buffers")
SMALL = {"groups2": {}, "groups1": {"groups": 1}, "shallow": {"without": [3, 4, 7]}}
WITHOUT = {"7": [7], "67": [6, 7], "34": [3, 4], "3467": [3, 4, 6, 7]}
CONFIG = [5, "M", 7, 6, "M", 9, "M"]
INCEPTION = (6, 3, 4, 5, 2, 7, 8)


@part("alexnet")
@weight(1)
@pytest.mark.parametrize("case", ["groups", "one", "small"])
def test_alexnet_state(judges, case):
    """AlexNet has the slide's layers, with two groups or with one."""
    options = {"groups": {}, "one": {"groups": 1}, "small": {"num_classes": 7, "shrink": 8}}
    judges.outline("AlexNet", **options[case])


@part("alexnet")
@weight(1)
@pytest.mark.parametrize("case", list(WITHOUT))
def test_ablation(judges, case):
    """Without some of its layers, AlexNet is as much smaller as the slides say."""
    judges.outline("AlexNet", without=WITHOUT[case])


@part("alexnet")
@weight(1)
@pytest.mark.parametrize("case", ["groups2", "shallow"])
def test_alexnet_scores(judges, draws, case):
    """AlexNet gives the right scores."""
    judges.forward(draws.normal(2, 3, 227, 227), "AlexNet", 5, shrink=16, **SMALL[case])


@part("alexnet")
@weight(1)
def test_alexnet_gradients(judges, draws):
    """Gradients flow through AlexNet, and nothing is dropped with probability 0."""
    x, dout = draws.normal(1, 3, 227, 227), draws.normal(1, 5)
    judges.gradients(x, [dout], "AlexNet", 5, shrink=16, dropout=0.0)


@part("alexnet")
@weight(1)
@visibility("after_due_date")
def test_alexnet_sizes(judges, draws):
    """AlexNet's layers give what stands on the slide."""
    judges.sizes(draws.normal(1, 3, 227, 227), "AlexNet", 5, shrink=16)


@part("alexnet")
@weight(1)
def test_alexnet_dropout(student, judge_dropout, draws):
    """AlexNet drops numbers in training, and in evaluation none."""
    x = draws.normal(1, 3, 227, 227)
    experiment(student, lambda student: judge_dropout(student, x, ("dropout",), "AlexNet", 50, shrink=16))


@part("vgg")
@weight(1)
@pytest.mark.parametrize("case", ["vgg11", "vgg13", "vgg16", "vgg19"])
def test_vgg_state(judges, case):
    """The constructor makes a network whose state has torchvision's names and shapes."""
    judges.outline(case)


@part("vgg")
@weight(1)
def test_vgg_configuration(judges):
    """VGG heeds its configuration, the number of classes and of hidden neurons."""
    judges.outline("VGG", CONFIG, 6, 11)
    for name in ("vgg11", "vgg13", "vgg16", "vgg19"):
        judges.outline(name, 13)


@part("vgg")
@weight(1)
def test_vgg_scores(judges, draws):
    """VGG gives the right scores, of images of any size."""
    for n, *size in ((3, 32, 32), (3, 61, 70), (1, 40, 32)):
        judges.forward(draws.normal(n, 3, *size), "VGG", CONFIG, 6, 11)


@part("vgg")
@weight(1)
def test_vgg_gradients(judges, draws):
    """Gradients flow through VGG, and nothing is dropped with probability 0."""
    x, dout = draws.normal(3, 3, 32, 40), draws.normal(3, 6)
    judges.gradients(x, [dout], "VGG", CONFIG, 6, 11, dropout=0.0)


@part("vgg")
@weight(1)
def test_vgg_dropout(student, judge_dropout, draws):
    """VGG drops numbers in training, and in evaluation none."""
    x = draws.normal(3, 3, 32, 32)
    experiment(student, lambda student: judge_dropout(student, x, ("dropout",), "VGG", CONFIG, 6, 40))


@part("inception")
@weight(2)
def test_inception_state(judges):
    """Inception has six convolutions of the right shapes."""
    judges.outline("Inception", *INCEPTION)


@part("inception")
@weight(3)
def test_inception_forward(judges, draws):
    """Inception gives the right answer: four branches, one behind another."""
    for shape in ((3, 6, 9, 7), (1, 6, 9, 7), (6, 6, 6, 6)):
        judges.forward(draws.normal(*shape), "Inception", *INCEPTION)


@part("inception")
@weight(2)
def test_inception_gradients(judges, draws):
    """Gradients flow through all branches of Inception."""
    judges.gradients(draws.normal(3, 6, 9, 7), [draws.normal(3, 23, 9, 7)], "Inception", *INCEPTION)


@part("inception")
@weight(1)
@visibility("after_due_date")
def test_inception_sizes(judges, draws):
    """Inception's convolutions keep the size of the image."""
    judges.sizes(draws.normal(2, 6, 5, 8), "Inception", *INCEPTION)


@part("inception")
@weight(1)
def test_inception_leaves_its_input(student, judges, draws):
    """Inception leaves its input as it was."""
    alone(student, judges, draws, draws.normal(3, 6, 5, 6), "Inception", *INCEPTION)


@part("googlenet")
@weight(1)
@pytest.mark.parametrize("case", ["full", "small"])
def test_googlenet_state(judges, case):
    """GoogLeNet has a stem, nine Inception modules, two auxiliary heads and a linear layer."""
    judges.of("Inception").outline("GoogLeNet", **({} if case == "full" else {"num_classes": 7, "shrink": 8}))


@part("googlenet")
@weight(2)
def test_googlenet_scores(judges, draws):
    """In evaluation GoogLeNet gives the right scores, and only these."""
    judges.of("Inception").forward(draws.normal(2, 3, 224, 224), "GoogLeNet", 5, 16)


@part("googlenet")
@weight(2)
def test_googlenet_training(judges, draws):
    """In training GoogLeNet gives three scores: its own, and those of the heads behind 4a and 4d."""
    x = draws.normal(1, 3, 224, 224)
    judges.of("Inception").forward(x, "GoogLeNet", 5, 16, 0.0, 0.0, training=True)


@part("googlenet")
@weight(1)
def test_googlenet_gradients(judges, draws):
    """Gradients of all three scores flow through GoogLeNet."""
    x, douts = draws.normal(1, 3, 224, 224), [draws.normal(1, 5) for _ in range(3)]
    judges.of("Inception").gradients(x, douts, "GoogLeNet", 5, 16, 0.0, 0.0)


@part("googlenet")
@weight(1)
@visibility("after_due_date")
def test_googlenet_sizes(judges, draws):
    """GoogLeNet's layers see images of the right sizes."""
    judges.of("Inception").sizes(draws.normal(1, 3, 224, 224), "GoogLeNet", 5, 16)


@part("googlenet")
@weight(1)
def test_googlenet_dropout(student, judge_dropout, draws):
    """GoogLeNet drops numbers in training before each of its three last layers, and in evaluation none."""
    x = draws.normal(1, 3, 224, 224)

    def body(student):
        judge_dropout(student, x, ("dropout", "aux_dropout"), "GoogLeNet", 5, 16)

    experiment(student, body)


@part("densenet")
@weight(1)
def test_layer_state(judges):
    """DenseLayer has two normalisations and two convolutions of the right shapes."""
    judges.outline("DenseLayer", 7, 3)
    judges.outline("DenseLayer", 6, 5, 2)


@part("densenet")
@weight(1)
@pytest.mark.parametrize("case", ["evaluation", "training"])
def test_layer_forward(judges, draws, case):
    """DenseLayer gives its input and, behind it, new channels."""
    judges.forward(draws.normal(3, 7, 6, 9), "DenseLayer", 7, 3, training=case == "training")


@part("densenet")
@weight(1)
def test_layer_gradients(judges, draws):
    """Gradients flow through DenseLayer, and past it."""
    judges.gradients(draws.normal(3, 6, 6, 9), [draws.normal(3, 11, 6, 9)], "DenseLayer", 6, 5, 2)


@part("densenet")
@weight(1)
def test_transition_forward(judges, draws):
    """Transition has fewer channels and half the size."""
    judges.outline("Transition", 8, 5)
    judges.forward(draws.normal(3, 8, 7, 10), "Transition", 8, 5)


@part("densenet")
@weight(1)
def test_transition_training(judges, draws):
    """Transition has the right running statistics, and gradients flow through it."""
    x, dout = draws.normal(3, 8, 7, 10), draws.normal(3, 5, 3, 5)
    judges.forward(x, "Transition", 8, 5, training=True)
    judges.gradients(x, [dout], "Transition", 8, 5)


@part("densenet")
@weight(1)
@pytest.mark.parametrize("case", ["densenet121", "densenet161", "densenet169", "densenet201"])
def test_densenet_state(judges, case):
    """The constructor makes a network whose state has torchvision's names and shapes."""
    judges.of("DenseLayer", "Transition").outline(case)


@part("densenet")
@weight(1)
@visibility("after_due_date")
def test_densenet_compression(judges):
    """DenseNet heeds growth, blocks, stem, classes and compression, and each constructor the number of classes."""
    judges.of("DenseLayer", "Transition").outline("DenseNet", 5, [2, 3, 1, 2], 7, 6, 0.3)
    for name in ("densenet121", "densenet161", "densenet169", "densenet201"):
        judges.of("DenseLayer", "Transition").outline(name, 13)


@part("densenet")
@weight(2)
def test_densenet_scores(judges, draws):
    """DenseNet gives the right scores, in training too."""
    x = draws.normal(3, 3, 70, 85)
    judges = judges.of("DenseLayer", "Transition")
    judges.forward(x, "DenseNet", 4, [2, 1, 2, 1], 6, 5)
    judges.forward(x, "DenseNet", 4, [2, 1, 2, 1], 6, 5, training=True)
    judges.forward(draws.normal(1, 3, 64, 70), "DenseNet", 4, [1, 1, 1, 2], 6, 5)


@part("densenet")
@weight(1)
def test_torchvisions_densenet(judges, draws):
    """DenseNet takes the weights of torchvision's network, and answers as that does."""

    def theirs():
        return torchvision.models.DenseNet(4, (2, 1, 2, 1), 6, 4, num_classes=5)

    x = draws.normal(2, 3, 64, 80, dtype=torch.float32)
    judges.of("DenseLayer", "Transition").takes_weights(x, theirs, "DenseNet", 4, [2, 1, 2, 1], 6, 5)


def alone(student, judges, draws, x, *built):
    """What is built leaves its input as it was; what never looks at neighbours does so by no merit."""
    model = judges.model(*built)
    changed = student.probes.forward.inputs_changed(model, x, False)
    expect(not changed, "the block changes its input in place")
    other = draws.remember(lambda: torch.cat([draws.normal(*x[:, :, :1].shape), x[:, :, 1:]], 2))
    answers = [pick(student.probes.forward(model, image, False), "y", FORWARD) for image in (x, other)]
    for y in answers:
        expect(isinstance(y, torch.Tensor) and y.dim() == 4 and y.is_floating_point(), f"`y` is {kind(y)}, no images")
    one, two = (y[:, :, 1:] for y in answers)
    is_seen = one.shape == two.shape and bool(((one - two).abs() > 1e-6).any())
    expect(is_seen, "no pixel of the answer depends on another row of the image: there is no convolution")
