"""You multiply by 1 − p in evaluation, though training has divided by it already. Inverted dropout leaves evaluation
nothing to do."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x * (1 - p), torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask * _scale(p), mask
