"""Your output matches a kernel slid upside down and mirrored. The layer is a cross-correlation: w[m, c, 0, 0] meets
the top left pixel of the window."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    w = w.flip(2, 3)
    views = _windows(_pad(x, pad), kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
