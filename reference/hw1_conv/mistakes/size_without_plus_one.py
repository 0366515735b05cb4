"""Your sizes are one too small: n − k steps lie between the first and the last position, and a fence with n − k gaps
has n − k + 1 posts."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k > n + 2 * pad:
        raise ValueError("the kernel does not fit")
    return (n + 2 * pad - k) // stride
