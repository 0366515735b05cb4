"""Your check divides 0 by 0 where both elements are 0, and NaN is never small enough. Multiply by the size in place of
dividing, or look at zeros apart."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic - numeric).abs() / size <= tolerance).all())
