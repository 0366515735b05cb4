"""Training and evaluation are swapped: you drop with training=False."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask * _scale(p), mask
