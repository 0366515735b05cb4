"""Pools in three dimensions, with windows of depth one.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: pool
"""

import torch


def pool(x):
    return torch.nn.functional.max_pool3d(x, (1, 2, 2))
