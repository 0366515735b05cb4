"""Traces the call through the dispatcher, as the compiler does, and runs what was recorded.
class: walk around a ban
verdict: forbidden, error
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    from torch.fx.experimental.proxy_tensor import make_fx

    return make_fx(lambda x, w: torch.ops.aten.conv2d(x, w))(x, w)(x, w)
