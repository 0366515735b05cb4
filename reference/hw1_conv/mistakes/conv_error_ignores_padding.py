"""Your `conv2d_forward` refuses kernels that would fit: compare them with the padded image, not with the image
alone."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    kh, kw = w.shape[2:]
    if x.shape[1] != w.shape[1] or kh > x.shape[2] or kw > x.shape[3]:
        raise ValueError("the kernel does not fit")
    views = _windows(_pad(x, pad), kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
