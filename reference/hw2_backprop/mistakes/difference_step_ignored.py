"""Your numerical gradient has an h of its own, whatever it is given."""

import torch

PARTS = ("numerical",)


def numerical_gradient(f, x, h=1e-5):
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=x.dtype)
        step[i] = h
        step = step.reshape(x.shape)
        gradient.view(-1)[i] = (f(x + 1e-5 / h * step) - f(x - 1e-5 / h * step)) / 2e-5
    return gradient
