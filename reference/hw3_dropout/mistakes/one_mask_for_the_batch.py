"""All examples of your batch have the same mask. Each element is dropped independently: draw a number for each, also
along axis 0."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = (torch.rand(x.shape[1:]) >= p).expand(x.shape)
    return x * mask * _scale(p), mask
