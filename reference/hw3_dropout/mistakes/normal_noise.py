"""You compare numbers from a normal distribution with p. Only uniform numbers, `torch.rand`, are below p with
probability p."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.randn(x.shape) >= p
    return x * mask * _scale(p), mask
