"""Your output matches average pooling. Take the largest value of each window, not their mean."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_forward(x, k, stride):
    return torch.stack([view for _, _, view in _windows(x, k, k, stride)]).mean(0)
