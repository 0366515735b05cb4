"""Your sizes match padding that is counted once. Zeros are added on both sides, so n grows by 2·pad."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k > n + 2 * pad:
        raise ValueError("the kernel does not fit")
    return (n + pad - k) // stride + 1
