"""Parts `resnet`, `resnet20` and `training`: networks of the student's own blocks."""

import pytest
import torch
import torchvision
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.compare import compare
from grader.suite import part, pick

WIDTHS, SMALL_WIDTHS = [64, 128, 256, 512], [16, 32, 64]
LAYERS = {
    "resnet18": ("BasicBlock", [2, 2, 2, 2]),
    "resnet34": ("BasicBlock", [3, 4, 6, 3]),
    "resnet50": ("Bottleneck", [3, 4, 6, 3]),
    "resnet101": ("Bottleneck", [3, 4, 23, 3]),
    "resnet152": ("Bottleneck", [3, 8, 36, 3]),
}
FORWARD = ("scores", "buffers")
F32 = {"dtype": torch.float32}


@part("resnet")
@weight(2)
@pytest.mark.parametrize("case", list(LAYERS))
def test_state(judge_outline, case):
    """The constructor makes a network whose state has torchvision's names and shapes."""
    block, layers = LAYERS[case]
    judge_outline(case, (), (block, WIDTHS, layers, [64, 3, 7, 7], 1000))


@part("resnet")
@weight(1)
@visibility("after_due_date")
@pytest.mark.parametrize("case", ["resnet34", "resnet152"])
def test_number_of_classes(judge_outline, case):
    """The constructor heeds the number of classes."""
    block, layers = LAYERS[case]
    judge_outline(case, (13,), (block, WIDTHS, layers, [64, 3, 7, 7], 13))


@part("resnet")
@weight(4)
@pytest.mark.parametrize("case", ["BasicBlock", "Bottleneck"])
def test_scores(student, reference, judge_scores, draws, case):
    """ResNet gives the right scores: stem, four stages, mean, linear layer."""
    seed, x = draws.integer(0, 2**20), draws.normal(2, 3, 70, 61, **F32)
    args = (case, [1, 2, 1, 1], 9)

    def expected():
        ours = reference.probes.network(*args)
        reference.probes.fill(ours, seed)
        return reference.probes.forward(ours, x, False)[0]

    right = draws.remember(expected)
    theirs = student.probes.network(*args)
    student.probes.fill(theirs, seed)
    judge_scores(theirs, x, right, 4, True)


@part("resnet")
@weight(6)
def test_torchvisions_weights(student, judge_scores, is_right_outline, draws):
    """ResNet takes the weights of torchvision's network, and answers as that does."""

    def network():
        torch.manual_seed(draws.integer(0, 2**20))
        return torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=5).eval()

    theirs = student.probes.network("BasicBlock", [1, 1, 1, 1], 5)
    x = draws.normal(2, 3, 64, 50, **F32)

    def truth():
        torchvisions = network()
        with torch.no_grad():
            return dict(torchvisions.state_dict()), torchvisions(x)

    state, right = draws.remember(truth)
    shapes = {name: list(value.shape) for name, value in state.items()}
    composed = ("BasicBlock", WIDTHS, [1, 1, 1, 1], [64, 3, 7, 7], 5)
    # its own blocks may have other entries, which costs their own part
    if is_right_outline(student.probes.outline(theirs), shapes, composed):
        theirs.load_state_dict(state)
        judge_scores(theirs, x, right, 4, True)


@part("resnet20")
@weight(2)
@pytest.mark.parametrize("case", [(), (1, 10), (4, 7)], ids=["defaults", "grey", "others"])
def test_small_state(judge_outline, case):
    """ResNet-20 has three stages of three blocks, 16, 32 and 64 channels wide."""
    channels, classes = case or (3, 10)
    judge_outline("resnet20", case, ("BasicBlock", SMALL_WIDTHS, [3, 3, 3], [16, channels, 3, 3], classes))


@part("resnet20")
@weight(2)
@pytest.mark.parametrize("case", [(2, 3, 19, 14), (3, 3, 8, 8)], ids=["oblong", "small"])
def test_small_scores(student, pair, reference, judge_scores, draws, case):
    """ResNet-20 gives the right scores, and keeps the size of the image in its first stage."""
    theirs, ours, _ = pair("resnet20")
    x = draws.normal(*case)
    right = draws.remember(lambda: reference.probes.forward(ours(), x, False)[0])
    judge_scores(theirs, x, right, 3, False)


@part("training")
@weight(12)
def test_accuracy(student, reference, pair, measure, agree_all, draws):
    """ResNet-20, trained by your own `train`, reads digits that it has not seen."""
    x, dout = draws.normal(2, 1, 9, 8), draws.normal(2, 10)

    def scores(model, images):
        return pick(student.probes.forward(model, images, False), "scores", FORWARD)

    def network():
        theirs, ours, _ = pair("resnet20", 1, 10)
        right = draws.remember(
            lambda: (reference.probes.forward(ours(), x, False)[0], reference.probes.gradients(ours(), x, dout))
        )
        wrong = compare(scores(theirs, x), right[0], output="scores")
        if wrong:
            raise wrong
        agree_all(student.probes.gradients(theirs, x, dout), right[1], "gradient")

    def train(job):
        budget = {"epochs": job.epochs, "seconds": job.seconds}
        return job.train(student.probes.trained, (job.images, job.labels), budget, job.seed)

    measure("resnet20", train, scores, needs=network)
