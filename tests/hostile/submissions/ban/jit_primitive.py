"""Asks TorchScript for its own convolution, which passes the dispatcher by.
class: walk around a ban
verdict: error
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    return torch._C._jit_get_operation("prim::mkldnn_convolution")[0](x, w, None, [1, 1], [0, 0], [1, 1], 1)
