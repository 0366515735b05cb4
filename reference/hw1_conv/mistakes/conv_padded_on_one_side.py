"""Your output matches zeros added only below and to the right. Padding goes around the whole image: `pad` rows above
and below, `pad` columns left and right."""

import torch
import torch.nn.functional as F

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    kh, kw = w.shape[2:]
    views = _windows(F.pad(x, (0, 2 * pad, 0, 2 * pad)), kh, kw, stride)
    return sum(torch.einsum("nchw,mc->nmhw", v, w[:, :, i, j]) for i, j, v in views) + b[:, None, None]
