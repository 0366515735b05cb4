"""Your check takes NaN for right: it looks for errors that are too large, and NaN is not larger than anything. Ask that
all be small enough."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return not bool(((analytic - numeric).abs() > tolerance * size).any())
