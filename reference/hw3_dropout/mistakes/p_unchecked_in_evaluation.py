"""You check p in training only. A p that is no probability is a mistake in evaluation as well."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    _check_probability(p)
    mask = torch.rand(x.shape) >= p
    return x * mask * _scale(p), mask
