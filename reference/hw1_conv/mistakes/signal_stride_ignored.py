"""Your output matches a stride of 1: the kernel stops at every position, whatever `stride` says."""

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    return sum(kernel[j] * signal[j : j + n - k + 1] for j in range(k))
