"""You drop equally many elements of each example. Each element is dropped by its own chance, so their number
varies."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = (torch.rand(x.shape[0], x[0].numel()).argsort(1) >= round(p * x[0].numel())).view(x.shape)
    return x * mask * _scale(p), mask
