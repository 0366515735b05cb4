"""Your shapes use the height for both axes. An image need not be square: compute the width from the width."""

PARTS = ("output_size",)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    size = output_size(shape[1], k, stride, pad)
    return n_filters, size, size


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    return n_filters * output_size(shape[1], k, stride, pad) * output_size(shape[2], k, stride, pad) * shape[0] * k * k
