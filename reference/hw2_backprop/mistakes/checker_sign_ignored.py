"""Your check compares sizes without signs: a gradient that points the other way is wrong."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic.abs() - numeric.abs()).abs() <= tolerance * size).all())
