"""Normalises by what torch has, in Python, for nested tensors of ragged lengths.
class: walk around a ban
verdict: forbidden, error
success: score
control: naive
part: normalise
"""

import torch
from torch.nested._internal import ops


def normalise(x):
    rows = torch.nested.nested_tensor([row[:, None] for row in x], layout=torch.jagged)
    norm = torch.ops.aten.native_layer_norm.default
    return ops.native_layer_norm_default(norm, rows, (rows.shape[1], 1), None, None, 1e-5)[0].values().reshape(x.shape)
