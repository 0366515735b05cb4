"""You drop whole maps: all pixels of a channel together. That is Dropout2d; here each element is dropped
independently."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = (torch.rand(x.shape[:2] + (1,) * (x.dim() - 2)) >= p).expand(x.shape)
    return x * mask * _scale(p), mask
