"""Your numerical gradient moves x itself and does not put it back, so that each element is looked at beside others that
have moved. Move a copy."""

import torch

PARTS = ("numerical",)


def numerical_gradient(f, x, h=1e-5):
    gradient = torch.zeros_like(x)
    flat = x.view(-1)
    for i in range(x.numel()):
        flat[i] += h
        plus = f(x)
        flat[i] -= 2 * h
        gradient.view(-1)[i] = (plus - f(x)) / (2 * h)
    return gradient
