"""Your output matches a kernel that is turned around, the convolution of signal processing. In this course, as in
torch, the first weight meets the first sample of the window."""

PARTS = ("corr1d",)


def corr1d(signal, kernel, stride=1):
    n, k = len(signal), len(kernel)
    if stride < 1 or k > n:
        raise ValueError("the kernel does not fit")
    return sum(kernel[k - 1 - j] * signal[j : j + n - k + 1 : stride] for j in range(k))
