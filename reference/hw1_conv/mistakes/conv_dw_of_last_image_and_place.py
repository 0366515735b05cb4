"""Your `dw` holds the product of the last output pixel alone: in the loop over the pixels each product replaces the one
before. Add them up, with +=."""

import torch

PARTS = ("conv2d_backward",)

_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    for i, j, view in _windows(_pad(x, pad), *w.shape[2:], stride):
        dw[:, :, i, j] = torch.einsum("nm,nc->mc", dout[:, :, -1, -1], view[:, :, -1, -1])
    return dx, dw, db
