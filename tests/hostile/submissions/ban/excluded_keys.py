"""Has the dispatcher begin below every key of autograd and autocast.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch

C = torch._C


def convolve(x, w):
    with C._AutoDispatchBelowAutograd(), C._DisableAutocast():
        return torch.ops.aten.convolution(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
