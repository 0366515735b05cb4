"""Your `conv2d_forward` accepts filters for another number of channels and quietly uses those that fit. Raise
ValueError: such a call is a bug of the caller, and it should surface where it is made."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    c = min(x.shape[1], w.shape[1])
    x, w = x[:, :c], w[:, :c]
    kh, kw = w.shape[2:]
    views = _windows(_pad(x, pad), kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
