"""Your check averages the relative error over all elements: one wrong element among many right ones must do. Hold each
against the tolerance."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    error = ((analytic - numeric).abs() / size.clamp(min=1e-300)).mean()
    return bool(error <= 1000 * tolerance)
