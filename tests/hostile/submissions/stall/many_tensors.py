"""Answers all but too slowly with thousands of tensors.
class: stall
verdict: failed, error, timeout, blocked
success: stall
control: naive
"""

import time

import torch

N = 100_000


class _Object:
    pass


def _answer(*_args):
    time.sleep(0.9)
    return [torch.zeros(3)] * 4_000


scale = convolve = pool = pair = count = build = refuse = _answer


def witness(x):
    time.sleep(0.9)
    return x + 1
