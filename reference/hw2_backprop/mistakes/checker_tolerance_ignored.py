"""Your check has a tolerance of its own, 1e-6, whatever it is given."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic - numeric).abs() <= 1e-6 * size).all())
