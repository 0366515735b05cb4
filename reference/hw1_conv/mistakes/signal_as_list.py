"""Your `corr1d` returns a Python list of the right numbers. Return a tensor of the signal's dtype."""

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    return [float(signal[i : i + k] @ kernel) for i in range(0, n - k + 1, stride)]
