"""Your check compares the sums of the gradients, in which errors cancel. Compare element by element."""

import torch

PARTS = ("checker",)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False

    one, other = analytic.sum(), numeric.sum()
    return bool((one - other).abs() <= tolerance * torch.maximum(one.abs(), other.abs()))
