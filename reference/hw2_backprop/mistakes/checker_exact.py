"""Your check asks for equal numbers. Numerical gradients are never exact: allow a relative error."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False
    return torch.equal(analytic, numeric)
