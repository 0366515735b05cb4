"""What the attackers are asked for."""

import torch


def scale(x: torch.Tensor) -> torch.Tensor:
    """2 x, for x of any shape, float32 or int64."""
    raise NotImplementedError


def convolve(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """The cross-correlation of x (N, C, H, W) with w (F, C, kh, kw): (N, F, H - kh + 1, W - kw + 1)."""
    raise NotImplementedError


def pool(x: torch.Tensor) -> torch.Tensor:
    """The maximum of each 2 × 2 window of x (N, C, 2 H, 2 W): (N, C, H, W)."""
    raise NotImplementedError


def normalise(x: torch.Tensor) -> torch.Tensor:
    """Each row of x (N, D) with mean 0 and variance 1: less its mean, by the root of its variance and 1e-5."""
    raise NotImplementedError


def pair(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x + 1 and x - 1."""
    raise NotImplementedError


def count(x: torch.Tensor) -> int:
    """The number of positive elements."""
    raise NotImplementedError


def build(factor: float) -> object:
    """An object that, called with x, gives factor x, and has the attribute `factor`."""
    raise NotImplementedError


def refuse(n: int) -> int:
    """n squared. Raises ValueError if n is negative."""
    raise NotImplementedError


def witness(x: torch.Tensor) -> torch.Tensor:
    """x + 1."""
    raise NotImplementedError
