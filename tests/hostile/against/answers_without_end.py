"""Fails each check with an answer as large as one may be, to every question that there is.
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
    return torch.zeros(8_000_000, dtype=torch.float64)


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    return _answer
