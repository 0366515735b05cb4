"""Your check forgets the absolute value of the error: whatever is too small is right to it."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool((analytic - numeric <= tolerance * size).all())
