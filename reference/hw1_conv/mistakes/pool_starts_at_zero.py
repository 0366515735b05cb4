"""Your output never falls below 0: it matches a maximum that starts at 0 or sees zero padding. In a map of negative
values the largest one is negative."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_forward(x, k, stride):
    return torch.stack([view for _, _, view in _windows(x, k, k, stride)]).amax(0).clamp(min=0)
