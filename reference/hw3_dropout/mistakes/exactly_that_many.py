"""You drop exactly the share p of the elements. Each element is dropped by its own chance, so their number varies
from call to call."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = (torch.randperm(x.numel()) >= round(p * x.numel())).view(x.shape)
    return x * mask * _scale(p), mask
