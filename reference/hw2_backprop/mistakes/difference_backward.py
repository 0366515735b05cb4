"""Your numerical gradient takes backward differences, (f(x) − f(x − h)) / h. Their error is of the order of h, that of
central ones of h²."""

import torch

PARTS = ("numerical",)


def numerical_gradient(f, x, h=1e-5):
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=x.dtype)
        step[i] = h
        step = step.reshape(x.shape)
        gradient.view(-1)[i] = (f(x) - f(x - step)) / h
    return gradient
