"""Your check compares every error with the largest element, so that a small one can be as wrong as it likes. Compare
each with its own size."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs().max(), numeric.abs().max())
    return bool(((analytic - numeric).abs() <= tolerance * size).all())
