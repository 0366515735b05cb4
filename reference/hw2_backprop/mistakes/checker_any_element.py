"""Your check is content if one element is right. All of them must be."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic - numeric).abs() <= tolerance * size).any())
