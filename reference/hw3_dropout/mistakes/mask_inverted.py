"""Your mask is True where an element was dropped. It is to be True where one was kept."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    dropped = torch.rand(x.shape) < p
    return x * ~dropped * _scale(p), dropped
