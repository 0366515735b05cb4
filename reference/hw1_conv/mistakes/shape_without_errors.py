"""Your `conv_output_shape` works its sizes out by itself and does not raise ValueError where `output_size` does. Call
`output_size` for both sides."""

PARTS = ("output_size",)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    _, h, w = shape
    return n_filters, (h + 2 * pad - k) // stride + 1, (w + 2 * pad - k) // stride + 1
