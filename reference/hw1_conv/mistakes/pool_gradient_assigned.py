"""Your gradient matches windows that overwrite each other. A pixel can win in several overlapping windows and
collects the gradient of each: use += and not =."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_backward(dout, x, k, stride):
    winner = torch.stack([view for _, _, view in _windows(x, k, k, stride)]).argmax(0)
    dx = torch.zeros_like(x)
    for i, j, dview in _windows(dx, k, k, stride):
        won = winner == i * k + j
        dview[won] = dout[won]
    return dx
