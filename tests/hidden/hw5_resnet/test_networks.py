"""Parts `resnet`, `resnet20` and `training`: networks of the student's own blocks."""

import pytest
import torch
import torchvision
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import an_object, either, expect_equal, part, pick

NETWORKS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
FORWARD = ("scores", "buffers")
F32 = {"dtype": torch.float32}


@part("resnet")
@weight(2)
@pytest.mark.parametrize("case", NETWORKS)
def test_state(judge_outline, case):
    """The constructor makes a network whose state has torchvision's names and shapes."""
    judge_outline(case)


@part("resnet")
@weight(1)
@visibility("after_due_date")
@pytest.mark.parametrize("case", ["resnet34", "resnet152"])
def test_number_of_classes(judge_outline, case):
    """The constructor heeds the number of classes, and so does that of a network of the same blocks."""
    same = ("resnet18",) if case == "resnet34" else ("resnet50", "resnet101")
    for name in (case, *same):
        judge_outline(name, 13)


@part("resnet")
@weight(3)
@pytest.mark.parametrize("case", ["BasicBlock", "Bottleneck"])
def test_scores(judge_scores, draws, case):
    """ResNet gives the right scores: stem, four stages, mean, linear layer."""
    layers = [1, 3, 1, 2] if case == "BasicBlock" else [2, 1, 2, 1]  # of each stage, one that has several blocks
    judge_scores(draws.normal(2, 3, 70, 61, **F32), "ResNet", case, layers, 9)


@part("resnet")
@weight(1)
def test_scores_in_training(judge_scores, draws):
    """ResNet gives the right scores in training."""
    judge_scores(draws.normal(3, 3, 50, 41, **F32), "ResNet", "BasicBlock", [1, 1, 1, 1], 4, training=True)


@part("resnet")
@weight(1)
def test_scores_of_one_image(judge_scores, draws):
    """ResNet gives a single image its row of scores, of several classes or of one; and as many images as channels."""
    for n, classes in ((1, 4), (2, 1), (3, 3)):
        judge_scores(draws.normal(n, 3, 40, 33, **F32), "ResNet", "BasicBlock", [1, 1, 1, 1], classes)


@part("resnet")
@weight(6)
def test_torchvisions_weights(student, agree_wired, agree_outlines, draws):
    """ResNet takes the weights of torchvision's network, and answers as that does."""
    built = ("ResNet", "BasicBlock", [1, 1, 1, 1], 5)
    x = draws.normal(2, 3, 64, 50, **F32)

    def truth():
        torch.manual_seed(draws.integer(0, 2**20))
        theirs = torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=5).eval()
        with torch.no_grad():
            return dict(theirs.state_dict()), theirs(x)

    state, right = draws.remember(truth)

    def judge():
        model = an_object(student.probes.built(*built), "ResNet")
        agree_outlines(student.probes.outline(model), {name: list(value.shape) for name, value in state.items()})
        model.load_state_dict(state)
        expect_equal(pick(student.probes.forward(model, x, False), "scores", FORWARD), right, output="scores")

    either(judge, lambda: agree_wired(x, *built))


@part("resnet20")
@weight(1.5)
@pytest.mark.parametrize("case", [(), (1, 10), (4, 7)], ids=["defaults", "grey", "others"])
def test_small_state(judge_outline, case):
    """ResNet-20 has three stages of three blocks, 16, 32 and 64 channels wide."""
    judge_outline("resnet20", *case)


@part("resnet20")
@weight(1)
@pytest.mark.parametrize("case", [(2, 3, 19, 14), (3, 3, 8, 8), (1, 3, 8, 9)], ids=["oblong", "small", "one image"])
def test_small_scores(judge_scores, draws, case):
    """ResNet-20 gives the right scores, and keeps the size of the image in its first stage."""
    judge_scores(draws.normal(*case), "resnet20")


@part("resnet20")
@weight(1)
def test_small_scores_in_training(judge_scores, draws):
    """ResNet-20 gives the right scores in training."""
    judge_scores(draws.normal(3, 1, 9, 8), "resnet20", 1, 7, training=True)


@part("resnet20")
@weight(1.5)
def test_small_gradients(judge_gradients, draws):
    """Gradients flow through ResNet-20 to its input and to all of its parameters."""
    judge_gradients(draws.normal(2, 1, 9, 8), draws.normal(2, 7), "resnet20", 1, 7)


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
        expect_equal(scores(theirs, x), right[0], output="scores")
        agree_all(student.probes.gradients(theirs, x, dout), right[1], "gradient")

    def train(job):
        budget = {"epochs": job.epochs, "seconds": job.seconds}
        return job.train(student.probes.trained, (job.images, job.labels), budget, job.seed)

    measure("resnet20", train, scores, needs=network)
