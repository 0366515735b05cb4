"""Your multiplications match filters that look at a single channel. A k×k filter is really k×k×C: it multiplies in
every input channel."""

PARTS = ("output_size",)


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    m, h, w = conv_output_shape(shape, n_filters, k, stride, pad)
    return m * h * w * k * k
