"""Your `dx` matches a stride of 1: each gradient is written next to its neighbour. The window of output pixel (p, q)
starts at (p·stride, q·stride)."""

import torch

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    _, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    dpadded = _pad(torch.zeros_like(x), pad)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            products = torch.einsum("nmhw,mc->nchw", dout, w[:, :, i, j])
            dpadded[:, :, i : i + dout.shape[2], j : j + dout.shape[3]] += products
    return dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db
