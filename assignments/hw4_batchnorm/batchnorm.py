"""Homework 4: batch normalisation from scratch.

Write every function marked below, and the module; keep the names and arguments as they are. README.md has the
mathematics and the conventions. `pytest` in this folder checks your work against small numbers.

Tensors are torch tensors: x is a batch of feature vectors (N, D), or of images (N, C, H, W). Wherever it says (C,)
below, that is (D,) for feature vectors. The output's dtype is the input's (float32 or float64). No function may change
its arguments. torch's own batch, layer, group and instance norms refuse to run when your work is graded; README.md has
the list.
"""

from __future__ import annotations

import torch
from torch import nn

Tensor = torch.Tensor


# ------------------------------------------------------------------------------------------ the algorithm, line by line


def batch_mean(x: Tensor) -> Tensor:
    """Line 1: the mean of each channel over the mini-batch. x (N, D) or (N, C, H, W) → (C,)."""
    raise NotImplementedError("batch_mean is yours to write")


def batch_variance(x: Tensor, mean: Tensor) -> Tensor:
    """Line 2: the mean squared distance of each channel's m values from their mean, divided by m (not m − 1).

    x (N, D) or (N, C, H, W), mean (C,) → (C,).
    """
    raise NotImplementedError("batch_variance is yours to write")


def normalize(x: Tensor, mean: Tensor, var: Tensor, eps: float = 1e-5) -> Tensor:
    """Line 3: (x − mean) / sqrt(var + eps), channel by channel. mean and var (C,) → the shape of x."""
    raise NotImplementedError("normalize is yours to write")


def scale_and_shift(x_hat: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Line 4: gamma · x_hat + beta, channel by channel. gamma and beta (C,) → the shape of x_hat."""
    raise NotImplementedError("scale_and_shift is yours to write")


# ---------------------------------------------------------------------------------------------------------- the layer


def update_running(
    running_mean: Tensor, running_var: Tensor, mean: Tensor, var: Tensor, m: int, momentum: float = 0.1
) -> tuple[Tensor, Tensor]:
    """The running statistics after one more batch: (1 − momentum) · running + momentum · new.

    All tensors are (C,). `var` is line 2's, divided by m; what enters the running variance is the unbiased one, divided
    by m − 1. m ≥ 2 is the number of values per channel.

    Returns (running_mean, running_var): new tensors, the old ones stay as they were.
    """
    raise NotImplementedError("update_running is yours to write")


def batchnorm_forward(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalisation: y, and the running statistics as they are afterwards.

    x (N, D) or (N, C, H, W), the other tensors (C,) → y of the shape of x, running_mean (C,), running_var (C,).
    training=True: x is normalised with its own mean and variance, and the running statistics are updated.
    training=False: x is normalised with the running statistics, and these come back unchanged.

    Raises ValueError if there is only one value per channel in training.
    """
    raise NotImplementedError("batchnorm_forward is yours to write")


def batchnorm_backward(
    dout: Tensor, x_hat: Tensor, var: Tensor, gamma: Tensor, eps: float = 1e-5
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of a loss with respect to x, gamma and beta in training, given its gradient with respect to y.

    dout has the shape of y. x_hat (line 3) and var (line 2, (C,)) are those of the forward pass; both depend on x.
    → dx of the shape of x_hat, dgamma (C,), dbeta (C,).
    """
    raise NotImplementedError("batchnorm_backward is yours to write")


# --------------------------------------------------------------------------------------------------------- the module


class BatchNorm2d(nn.Module):
    """A stand-in for torch.nn.BatchNorm2d: images (N, C, H, W) → (N, C, H, W), C = num_features.

    state_dict() has the entries of torch's: weight (gamma, at first 1) and bias (beta, at first 0), which are
    parameters; running_mean (at first 0), running_var (at first 1) and num_batches_tracked (an int64 without axes, at
    first 0), which are buffers. Each batch in training updates the buffers, evaluation changes nothing.

    Raises ValueError if the input does not have four axes.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        raise NotImplementedError("BatchNorm2d is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        """Batch normalisation in training or in evaluation, as `self.training` says."""
        raise NotImplementedError("BatchNorm2d is yours to write")
