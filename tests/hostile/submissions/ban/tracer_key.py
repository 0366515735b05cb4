"""Calls the operator by the key of the tracer, which cannot be named.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch

C = torch._C


def convolve(x, w):
    keys = C.DispatchKeySet(C._dispatch_key_parse("Tracer")) | C.DispatchKeySet(C.DispatchKey.CPU)
    return torch.ops.aten.conv2d.default.redispatch(keys, x, w)
