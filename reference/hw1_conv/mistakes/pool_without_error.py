"""Your `maxpool2d_forward` answers a window larger than the map by shrinking the window. Raise ValueError there."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_forward(x, k, stride):
    k = min(k, *x.shape[2:])
    return torch.stack([view for _, _, view in _windows(x, k, k, stride)]).amax(0)
