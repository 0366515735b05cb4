"""Calls below autograd, in inference mode.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    return torch.inference_mode()(torch.ops.aten.conv2d.default)(x, w).clone()
