"""Your check is torch.allclose, which besides the relative error allows an absolute one of 1e-8: for tiny gradients
that is everything. Give it atol=0."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False
    return torch.allclose(analytic, numeric, rtol=tolerance)
