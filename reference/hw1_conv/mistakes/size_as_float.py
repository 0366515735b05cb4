"""Your sizes have the right value but are floats: `/` gives a float in Python even where it divides evenly, `//`
rounds down and gives an int."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k > n + 2 * pad:
        raise ValueError("the kernel does not fit")
    return (n + 2 * pad - k) / stride // 1 + 1
