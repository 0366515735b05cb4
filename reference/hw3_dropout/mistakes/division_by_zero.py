"""With p = 1 you divide by 0 and raise ZeroDivisionError. Where everything is dropped, y is 0."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask * (1 / (1 - p)), mask
