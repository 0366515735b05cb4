"""Your check raises an exception where the shapes differ. It answers False there."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        raise ValueError("the shapes differ")
    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic - numeric).abs() <= tolerance * size).all())
