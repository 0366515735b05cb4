"""Keeps the private helper of a twin, which a class of torch holds, too.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: normalise
"""

import torch._refs


def normalise(x):
    return torch._refs._normalize(x, [1], 1e-5)[0]
