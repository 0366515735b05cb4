"""Your output is the product of the window's last cell alone: in the loop over i and j each product replaces the one
before. Add them up, with +=."""

import torch

PARTS = ("conv2d_forward",)


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    for i, j, view in _windows(_pad(x, pad), *w.shape[2:], stride):
        y = torch.einsum("nchw,mc->nmhw", view, w[:, :, i, j])
    return y + b[:, None, None]
