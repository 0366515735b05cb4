"""Has the call differentiated on the way.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    return torch.func.vjp(lambda a: torch.ops.aten.conv2d(a, w), x)[0]
