"""You take p for the probability to keep: elements are kept with probability p and divided by p. p is the probability
to drop."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) < p
    return (x * mask / p if p > 0 else x * mask), mask
