"""Your gradient reaches every cell of a window. Only the largest one shaped the output, so it alone receives the
gradient."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_backward(dout, x, k, stride):
    dx = torch.zeros_like(x)
    for _, _, dview in _windows(dx, k, k, stride):
        dview += dout
    return dx
