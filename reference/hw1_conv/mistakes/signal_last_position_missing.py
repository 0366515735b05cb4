"""Your output lacks the last position where the kernel fits: range(n − k) ends one step before it."""

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    return sum(kernel[j] * signal[j : j + n - k : stride] for j in range(k))
