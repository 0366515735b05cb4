"""Your `y` is float64 whatever x is. The output has the dtype of the input."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return (x * mask * _scale(p)).double(), mask
