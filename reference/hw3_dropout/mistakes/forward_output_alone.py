"""You return y alone. dropout_forward returns y and the mask, in this order."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x
    return x * (torch.rand(x.shape) >= p) * _scale(p)
