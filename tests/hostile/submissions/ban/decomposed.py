"""Asks the operator for what it is composed of.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    return torch.ops.aten.conv2d.default.decompose(x, w)
