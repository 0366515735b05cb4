"""Part `training`: the accuracy of classifiers that the student's own gradients trained."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, expect, part

GRADIENTS = ("dx", "dw", "db")
LOSS = ("loss", "dscores")
F32 = {"dtype": torch.float32}


@pytest.fixture
def layers(student, reference, common_draws):
    """Whether the functions that both classifiers are made of are right."""

    def judge():
        normal = common_draws.normal
        x, w, b = normal(5, 4, **F32), normal(4, 3, **F32), normal(3, **F32)
        labels = torch.tensor([2, 0, 1, 1, 0])
        agree(student.affine_forward, reference.affine_forward, x, w, b)
        for name in GRADIENTS:
            agree(
                student.affine_backward,
                reference.affine_backward,
                normal(5, 3, **F32),
                x,
                w,
                output=name,
                outputs=GRADIENTS,
            )
        for name in LOSS:
            agree(
                student.softmax_cross_entropy,
                reference.softmax_cross_entropy,
                normal(5, 3, **F32),
                labels,
                output=name,
                outputs=LOSS,
            )
        params, grads, velocity = ({"W": normal(4, 3, **F32)} for _ in range(3))
        found = student.sgd_momentum_step.once(params, grads, velocity, 0.05)
        right = reference.sgd_momentum_step(params, grads, velocity, 0.05)
        for place in (0, 1):
            agree(lambda place=place: _entry(found, place, "W"), lambda place=place: right[place]["W"])

    return judge


@pytest.fixture
def network(student, reference, common_draws, layers):
    """The same, and those of the network."""

    def judge():
        layers()
        normal = common_draws.normal
        x, labels = normal(5, 4, **F32), torch.tensor([2, 0, 1, 1, 0])
        shapes = {"W1": (4, 6), "b1": (6,), "W2": (6, 3), "b2": (3,)}
        params = {name: normal(*shape, **F32) for name, shape in shapes.items()}
        found, right = student.mlp_gradients(x, labels, params), reference.mlp_gradients(x, labels, params)
        for name in shapes:
            agree(lambda name=name: _entry(found, 1, name), lambda name=name: right[1][name])
        agree(lambda: found[0], lambda: right[0])
        agree(student.relu_forward, reference.relu_forward, normal(3, 4, **F32))
        agree(student.relu_backward, reference.relu_backward, normal(3, 4, **F32), normal(3, 4, **F32))

    return judge


def _entry(found, place, name):
    """The entry of a dictionary in a pair."""
    expect(isinstance(found, tuple | list) and len(found) == 2, "the result is no pair")
    expect(isinstance(found[place], dict) and name in found[place], f"there is no entry `{name}`")
    return found[place][name]


@part("training")
@weight(6)
def test_accuracy_of_the_classifier(student, measure, layers):
    """A linear classifier, trained with your own gradients, reads digits that it has not seen."""
    measure("linear", student.train_linear, lambda p, images: student.linear_scores(images, p), needs=layers)


@part("training")
@weight(9)
def test_accuracy_of_the_network(student, measure, network):
    """A network of two layers, trained with your own gradients, reads digits that it has not seen."""
    measure("mlp", student.train_mlp, lambda p, images: student.mlp_scores(images, p), needs=network)
