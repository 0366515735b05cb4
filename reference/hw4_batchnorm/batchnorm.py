"""Batch normalisation from scratch: the model answer.

Everything happens channel by channel. Two helpers say so once: `_axes` are the axes that a channel's m values lie
along, and `_along` lays one number per channel out beside them. The four lines of the algorithm are then one line of
code each, for feature vectors and for images alike.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _axes(x: Tensor) -> tuple[int, ...]:
    """All axes but that of the channels: (0,) for (N, D), (0, 2, 3) for (N, C, H, W)."""
    return tuple(axis for axis in range(x.dim()) if axis != 1)


def _along(values: Tensor, x: Tensor) -> Tensor:
    """One number per channel, (C,), in a shape that broadcasts against x: (1, D) or (1, C, 1, 1)."""
    return values.reshape(1, -1, *[1] * (x.dim() - 2))


def _count(x: Tensor) -> int:
    """m, the number of values per channel."""
    return x.numel() // x.shape[1]


# ------------------------------------------------------------------------------------------ the algorithm, line by line


def batch_mean(x: Tensor) -> Tensor:
    """μ = 1/m Σ x."""
    return x.mean(_axes(x))


def batch_variance(x: Tensor, mean: Tensor) -> Tensor:
    """σ² = 1/m Σ (x − μ)²: the distances first, for E[x²] − μ² loses its digits where μ is large."""
    return (x - _along(mean, x)).square().mean(_axes(x))


def normalize(x: Tensor, mean: Tensor, var: Tensor, eps: float = 1e-5) -> Tensor:
    """x̂ = (x − μ) / √(σ² + ε)."""
    return (x - _along(mean, x)) / _along((var + eps).sqrt(), x)


def scale_and_shift(x_hat: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """y = γ x̂ + β."""
    return _along(gamma, x_hat) * x_hat + _along(beta, x_hat)


# ---------------------------------------------------------------------------------------------------------- the layer


def update_running(
    running_mean: Tensor, running_var: Tensor, mean: Tensor, var: Tensor, m: int, momentum: float = 0.1
) -> tuple[Tensor, Tensor]:
    """An exponential average of the batches' means and of their unbiased variances, m/(m − 1) σ²."""
    unbiased = var * (m / (m - 1))
    return (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + momentum * unbiased


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
    """The batch's statistics in training, the running ones in evaluation; the rest is the same."""
    mean, var = running_mean, running_var
    if training:
        if _count(x) < 2:
            raise ValueError("training needs more than one value per channel: the variance of a single one is 0")
        mean = batch_mean(x)
        var = batch_variance(x, mean)
        running_mean, running_var = update_running(running_mean, running_var, mean, var, _count(x), momentum)
    y = scale_and_shift(normalize(x, mean, var, eps), gamma, beta)
    return y, running_mean, running_var


def batchnorm_backward(
    dout: Tensor, x_hat: Tensor, var: Tensor, gamma: Tensor, eps: float = 1e-5
) -> tuple[Tensor, Tensor, Tensor]:
    """dx = γ/√(σ² + ε) · (dout − its mean − x̂ · the mean of dout x̂).

    The first mean comes through μ, the second through σ²: what is left of dout has lost whatever could shift or scale
    the whole batch, for that would be normalised away.
    """
    axes = _axes(x_hat)
    through_mean = _along(dout.mean(axes), x_hat)
    through_variance = x_hat * _along((dout * x_hat).mean(axes), x_hat)
    dx = _along(gamma / (var + eps).sqrt(), x_hat) * (dout - through_mean - through_variance)
    return dx, (dout * x_hat).sum(axes), dout.sum(axes)


# --------------------------------------------------------------------------------------------------------- the module


class BatchNorm2d(nn.Module):
    """Parameters are what training learns, buffers what it only keeps; state_dict() holds both by their names."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, H, W)."""
        if x.dim() != 4:
            raise ValueError(f"images of four axes are asked for, not {x.dim()}")
        running = self.running_mean, self.running_var
        y, mean, var = batchnorm_forward(
            x, self.weight, self.bias, *running, self.training, momentum=self.momentum, eps=self.eps
        )
        if self.training:
            self.running_mean = mean.detach()  # no gradient flows from one batch to the next
            self.running_var = var.detach()
            self.num_batches_tracked += 1
        return y
