"""The mask that you return is not the one that you used: you draw a second one. The backward pass needs the first."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * (torch.rand(x.shape) >= p) * _scale(p), mask
