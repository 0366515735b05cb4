"""Fails each check with tensors of single bytes, which are many numbers once they are compared.
class: exhaust the judge
verdict: failed, error, passed, blocked
success: memory
control: naive
part: training
course: hw1_conv
naive: allocates
"""

import torch


def _answer(*_args, **_kwargs):
    return [torch.zeros(60_000_000, dtype=torch.uint8)] * 4_000


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    return _answer
