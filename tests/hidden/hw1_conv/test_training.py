"""Part `training`: the accuracy of a network that the student's own layers trained."""

import torch
from gradescope_utils.autograder_utils.decorators import weight

from grader.suite import agree, part

GRADIENTS = ("dx", "dw", "db")
F32 = {"dtype": torch.float32}


@part("training")
@weight(10)
def test_accuracy(student, reference, measure, common_draws):
    """LeNet, trained with your own layers, reads digits that it has not seen."""
    normal = common_draws.normal
    image, maps = normal(2, 1, 12, 12, **F32), normal(2, 3, 6, 6, **F32)
    w, b = normal(3, 1, 3, 3, **F32), normal(3, **F32)
    rows, weights, biases = normal(4, 7, **F32), normal(5, 7, **F32), normal(5, **F32)

    def layers():
        """Whether the layers that a network is made of are right, at the sizes that it is made of here."""
        agree(student.conv2d_forward, reference.conv2d_forward, image, w, b)
        agree(student.relu_forward, reference.relu_forward, maps)
        agree(student.maxpool2d_forward, reference.maxpool2d_forward, maps, 2, 2)
        agree(student.linear_forward, reference.linear_forward, rows, weights, biases)
        backward = normal(2, 3, 10, 10, **F32), image, w, b
        linear = normal(4, 5, **F32), rows, weights, biases
        for name in GRADIENTS:
            agree(student.conv2d_backward, reference.conv2d_backward, *backward, output=name, outputs=GRADIENTS)
            agree(student.linear_backward, reference.linear_backward, *linear, output=name, outputs=GRADIENTS)
        agree(student.relu_backward, reference.relu_backward, normal(2, 3, 6, 6, **F32), maps)
        agree(student.maxpool2d_backward, reference.maxpool2d_backward, normal(2, 3, 3, 3, **F32), maps, 2, 2)
        agree(student.lenet, reference.lenet, normal(2, 1, 12, 12, **F32), _params(normal))

    measure("lenet", student.train_lenet, lambda params, images: student.lenet_scores(images, params), needs=layers)


def _params(normal):
    shapes = {"conv1": (2, 1, 3, 3), "conv2": (3, 2, 2, 2), "fc1": (6, 12), "fc2": (5, 6), "fc3": (4, 5)}
    weights = {f"{name}.weight": normal(*shape, **F32) for name, shape in shapes.items()}
    return weights | {f"{name}.bias": normal(shape[0], **F32) for name, shape in shapes.items()}
