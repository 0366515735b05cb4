"""Your output is float32 for float64 images. A tensor made by torch.zeros(shape) is float32 unless told otherwise:
pass dtype=x.dtype."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = _windows(_pad(x, pad), kh, kw, stride)
    y = sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
    return y.float()
