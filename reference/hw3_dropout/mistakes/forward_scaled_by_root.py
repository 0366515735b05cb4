"""You divide the kept elements by the root of 1 − p, which keeps the variance of zero-mean values. Dropout keeps the
mean: divide by 1 − p."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask * _scale(p) ** 0.5, mask
