"""Your output matches filters that see the first channel alone. Sum the products over all channels."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = _windows(_pad(x, pad), kh, kw, stride)
    return sum(torch.einsum("nhw,m->nmhw", v[:, 0], w[:, 0, i, j]) for i, j, v in views) + b[:, None, None]
