"""Your numerical gradient moves whole rows of x. Each element has a derivative of its own."""

import torch

PARTS = ("numerical",)


def numerical_gradient(f, x, h=1e-5):
    gradient = torch.zeros_like(x)
    for i in range(len(x) if x.dim() else 1):
        step = torch.zeros_like(x)
        step[i if x.dim() else ()] = h
        gradient[i if x.dim() else ()] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
