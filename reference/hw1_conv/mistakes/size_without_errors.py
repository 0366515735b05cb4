"""Your `output_size` gives a number for every argument. A kernel that is larger than the padded input, a stride of 0
or a negative padding has no output size: raise ValueError there."""

PARTS = ("output_size",)


def output_size(n, k, stride=1, pad=0):
    return (n + 2 * pad - k) // max(stride, 1) + 1
