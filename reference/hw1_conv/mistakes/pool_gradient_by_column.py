"""Where several cells of a window are equally large, your gradient goes to the first one column by column. The order
is row by row: top row first, left to right."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_backward(dout, x, k, stride):
    dx = maxpool2d_backward_by_row(dout.transpose(2, 3), x.transpose(2, 3), k, stride)
    return dx.transpose(2, 3)


def maxpool2d_backward_by_row(dout, x, k, stride):
    winner = torch.stack([view for _, _, view in _windows(x, k, k, stride)]).argmax(0)
    dx = torch.zeros_like(x)
    for i, j, dview in _windows(dx, k, k, stride):
        dview += dout * (winner == i * k + j)
    return dx
