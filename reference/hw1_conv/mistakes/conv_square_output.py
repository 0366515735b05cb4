"""Your output is square although the image is not: the width of the output is computed from the height of the
image."""

import torch
import torch.nn.functional as F

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = _windows(_pad(x, pad), kh, kw, stride)
    y = sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
    return F.pad(y, (0, (x.shape[2] + 2 * pad - kw) // stride + 1 - y.shape[3]))
