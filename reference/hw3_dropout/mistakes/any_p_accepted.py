"""You accept a p that is no probability. Raise ValueError unless 0 ≤ p ≤ 1, also in evaluation."""

import torch

PARTS = ("forward",)


def dropout_forward(x, p, training=True):
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p
    return x * mask * (1 / (1 - p) if p != 1 else 0.0), mask
