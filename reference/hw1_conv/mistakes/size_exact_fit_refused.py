"""Your `output_size` refuses a kernel that is exactly as large as the padded input. It fits, at one position: only
k > n + 2·pad is a ValueError."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k >= n + 2 * pad:
        raise ValueError("the kernel does not fit")
    return (n + 2 * pad - k) // stride + 1
