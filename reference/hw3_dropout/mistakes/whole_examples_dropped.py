"""You drop whole examples: one number decides on all that belongs to an image. Each element is dropped
independently."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = (torch.rand(x.shape[:1] + (1,) * (x.dim() - 1)) >= p).expand(x.shape)
    return x * mask * _scale(p), mask
