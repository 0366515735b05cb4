"""Your output has one entry more where the stride leaves samples over: it matches a last window that sticks out of
the signal. Such a window is left out."""

import torch.nn.functional as F

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    padded = F.pad(signal, (0, -(n - k) % stride))
    return sum(kernel[j] * padded[j : j + len(padded) - k + 1 : stride] for j in range(k))
