"""You divide the kept elements by p. p is the probability to drop; the share that is kept is 1 − p."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask / p if p > 0 else x * mask, mask
