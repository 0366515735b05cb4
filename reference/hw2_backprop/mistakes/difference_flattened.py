"""Your numerical gradient is one long row. It has the shape of x."""

import torch

PARTS = ("numerical",)


def numerical_gradient(f, x, h=1e-5):
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=x.dtype)
        step[i] = h
        step = step.reshape(x.shape)
        gradient.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient.flatten()
