"""Your output matches windows laid side by side, as if stride were k. The windows start `stride` apart: they overlap
where it is smaller than k and leave gaps where it is larger."""

import torch

PARTS = ("maxpool2d",)


def maxpool2d_forward(x, k, stride):
    return torch.stack([view for _, _, view in _windows(x, k, k, k)]).amax(0)
