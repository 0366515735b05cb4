"""Your own h, where none is given, is so small that rounding is all that is left. 1e-5 is the default."""

import torch

PARTS = ("numerical",)


def numerical_gradient(f, x, h=1e-13):
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=x.dtype)
        step[i] = h
        step = step.reshape(x.shape)
        gradient.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
