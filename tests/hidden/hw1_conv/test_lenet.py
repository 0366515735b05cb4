"""Part `lenet`. Its checks judge the wiring: a bug in a layer has already cost its own part's points."""

import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import either, leaves_inputs_alone, part


@part("lenet")
@weight(3)
def test_scores(judge_lenet, normal, lenet_params):
    """lenet puts the layers together in LeNet-5's order."""
    judge_lenet(normal(2, 1, 32, 32), lenet_params())


@part("lenet")
@weight(1)
@visibility("after_due_date")
def test_single_image(student, judge_lenet, normal, lenet_params):
    """lenet works for one image, one class, far values and other parameters, and leaves its arguments unchanged."""
    x, other = normal(1, 1, 32, 32), normal(1, 1, 32, 32)
    params = lenet_params(maps=(2, 4), units=(30, 20, 6))
    judge_lenet(x, params)
    judge_lenet(x, lenet_params(maps=(2, 4), units=(30, 20, 6)))
    judge_lenet(other, params)
    judge_lenet(x, lenet_params(maps=(1, 2), units=(9, 8, 1)))
    judge_lenet(x * 0, params)
    for scale in (1e-9, 1e4):
        judge_lenet(x, {name: value * (scale if name.startswith("fc3") else 1) for name, value in params.items()})
    judge_lenet(normal(2, 2, 32, 32), lenet_params(channels=2, maps=(2, 2), units=(2, 2, 2)))
    either(  # what a layer does has cost it
        lambda: leaves_inputs_alone(student.lenet, x, params),
        lambda: leaves_inputs_alone(student.probes.wired_lenet, x, params),
    )


@part("lenet")
@weight(2)
def test_other_widths(judge_lenet, normal, lenet_params):
    """lenet takes its widths and the number of classes from the parameters."""
    judge_lenet(normal(3, 1, 32, 32), lenet_params(maps=(2, 5), units=(33, 27, 7)))


@part("lenet")
@weight(2)
@visibility("after_due_date")
def test_colour_images(judge_lenet, normal, lenet_params):
    """lenet takes the number of input channels from the parameters."""
    judge_lenet(normal(5, 3, 32, 32), lenet_params(channels=3, maps=(2, 4), units=(40, 24, 5)))


@part("lenet")
@weight(2)
def test_scores_in_float32(judge_lenet, normal, lenet_params):
    """lenet answers float32 images with float32 scores."""
    params = lenet_params(maps=(2, 3), units=(36, 28, 10), dtype=torch.float32)
    judge_lenet(normal(4, 1, 32, 32, dtype=torch.float32), params)
