"""Your `corr1d` answers a kernel that is longer than the signal with an empty tensor. No position fits, so raise
ValueError."""

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if k > n:
        return signal[:0]
    return sum(kernel[j] * signal[j : j + n - k + 1 : stride] for j in range(k))
