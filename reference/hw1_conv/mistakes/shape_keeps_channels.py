"""Your shapes keep the number of input channels. A filter reaches through all input channels and makes one map, so
the output has as many channels as there are filters."""

PARTS = ("output_size",)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    return shape[0], output_size(shape[1], k, stride, pad), output_size(shape[2], k, stride, pad)


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    _, h, w = conv_output_shape(shape, n_filters, k, stride, pad)
    return n_filters * h * w * shape[0] * k * k
