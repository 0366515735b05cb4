"""Where several cells of a window are equally large, your gradient goes to the last one. The first one, row by row,
receives it: replace the winner only by a larger value, not by an equal one."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_backward(dout, x, k, stride):
    views = torch.stack([view for _, _, view in _windows(x, k, k, stride)])
    winner = k * k - 1 - views.flip(0).argmax(0)
    dx = torch.zeros_like(x)
    for i, j, dview in _windows(dx, k, k, stride):
        dview += dout * (winner == i * k + j)
    return dx
