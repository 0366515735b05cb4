"""Your output is right, but your function changes the filters that it was given. Operations with a trailing
underscore and `+=` work in place: make a new tensor instead."""

import torch

PARTS = ("conv2d_forward", "training")


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = list(_windows(_pad(x, pad), kh, kw, stride))
    y = b[:, None, None]
    for i, j, view in views:
        y = y + torch.einsum("nchw,mc->nmhw", view, w[:, :, i, j])
        w[:, :, i, j] = 0
    return y
