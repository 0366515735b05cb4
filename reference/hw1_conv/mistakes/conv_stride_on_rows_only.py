"""Your output matches a stride along the height only. The window moves by `stride` along both axes."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = _windows(_pad(x, pad), kh, kw, 1)
    y = sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
    return y[:, :, ::stride]
