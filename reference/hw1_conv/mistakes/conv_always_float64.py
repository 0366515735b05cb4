"""Your output is float64 for float32 images. numpy makes float64 arrays unless told otherwise: the output's dtype is
the input's."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    x, w, b = x.double(), w.double(), b.double()
    views = _windows(_pad(x, pad), kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
