"""Your output has an extra row or column where the stride leaves pixels over: it matches windows that stick out of
the image. The output size rounds down."""

import torch
import torch.nn.functional as F

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    x = _pad(x, pad)
    if x.shape[2] < kh or x.shape[3] < kw:
        raise ValueError("the kernel does not fit")
    x = F.pad(x, (0, -(x.shape[3] - kw) % stride, 0, -(x.shape[2] - kh) % stride))
    views = _windows(x, kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
