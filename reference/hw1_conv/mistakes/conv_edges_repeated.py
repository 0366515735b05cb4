"""Your output matches an image whose border pixels were repeated outwards. The padding of this layer is zeros."""

import torch
import torch.nn.functional as F

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = _windows(F.pad(x, (pad, pad, pad, pad), mode="replicate"), kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
