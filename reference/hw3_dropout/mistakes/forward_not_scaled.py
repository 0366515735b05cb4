"""Your `y` keeps the elements as they are: in training the kept ones are to be divided by 1 − p, so that the mean
stays what it was."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask, mask
