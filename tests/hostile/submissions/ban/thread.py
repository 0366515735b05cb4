"""Calls the operator in another thread.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

from concurrent.futures import ThreadPoolExecutor

import torch


def convolve(x, w):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.ops.aten.conv2d, x, w).result()
