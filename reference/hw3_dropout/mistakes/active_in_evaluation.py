"""You drop elements in evaluation too. With training=False, y is x."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    mask = torch.rand(x.shape) >= p
    return x * mask * _scale(p), mask
