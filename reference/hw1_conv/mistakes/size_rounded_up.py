"""Your sizes match rounding up: where the last step would leave the image, you count one position too many. The
formula rounds down, because a window that sticks out is left out."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k > n + 2 * pad:
        raise ValueError("the kernel does not fit")
    return -(-(n + 2 * pad - k) // stride) + 1
