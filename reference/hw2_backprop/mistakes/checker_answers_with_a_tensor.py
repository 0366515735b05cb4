"""Your check answers with a tensor. True or False is asked for: bool(…) makes one of it."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return ((analytic - numeric).abs() <= tolerance * size).all()
