"""Your gradient uses the first image's winners for the whole batch. Each image, and each map, has its own."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_backward(dout, x, k, stride):
    winner = torch.stack([view for _, _, view in _windows(x, k, k, stride)]).argmax(0)[:1]
    dx = torch.zeros_like(x)
    for i, j, dview in _windows(dx, k, k, stride):
        dview += dout * (winner == i * k + j)
    return dx
