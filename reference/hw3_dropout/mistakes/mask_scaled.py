"""Your mask holds 0 and 1 / (1 − p) as floats. It is to be bool, True where an element was kept."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    mask = torch.ones_like(x)
    if training:
        mask = (torch.rand(x.shape) >= p).to(x.dtype) * _scale(p)
    return x * mask, mask
