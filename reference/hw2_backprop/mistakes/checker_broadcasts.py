"""Your check does not look at shapes, and torch stretches a row to fit a matrix. Gradients of different shapes are
different."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic - numeric).abs() <= tolerance * size).all())
