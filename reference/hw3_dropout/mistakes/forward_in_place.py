"""You change x in place: `x *= mask`. Who called you still needs it."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x.mul_(mask).mul_(_scale(p)), mask
