"""You return no mask in evaluation. There it is True everywhere."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, None
    mask = torch.rand(x.shape) >= p
    return x * mask * _scale(p), mask
