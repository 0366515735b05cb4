"""Your check compares the lengths of the gradients, their norms: two that point elsewhere can be equally long."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    one, other = analytic.norm(), numeric.norm()
    return bool((one - other).abs() <= tolerance * torch.maximum(one, other))
