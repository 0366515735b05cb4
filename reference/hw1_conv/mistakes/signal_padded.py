"""Your output matches a signal that was padded with zeros. Only positions where the whole kernel lies inside the
signal count."""

import torch.nn.functional as F

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    padded = F.pad(signal, (k // 2, (k - 1) // 2))
    return sum(kernel[j] * padded[j : j + n : stride] for j in range(k))
