"""Your output is float32 for every signal. A tensor made by torch.zeros(n) is float32 unless told otherwise: pass
dtype=signal.dtype."""

import torch

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    starts = range(0, n - k + 1, stride)
    y = torch.zeros(len(starts))
    for i, start in enumerate(starts):
        y[i] = signal[start : start + k] @ kernel
    return y
