"""Your `output_size` refuses kernels that would fit: compare k with the padded size n + 2·pad, not with n."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k > n:
        raise ValueError("the kernel does not fit")
    return (n + 2 * pad - k) // stride + 1
