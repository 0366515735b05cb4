"""Calls the operator of another library.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    return torch.mkldnn_convolution(x, w, None, [0, 0], [1, 1], [1, 1], 1)
