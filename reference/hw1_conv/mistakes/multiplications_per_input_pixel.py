"""Your multiplications match one window per input pixel. Count windows, that is output positions: stride and padding
change how many there are."""

PARTS = ("output_size",)


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    conv_output_shape(shape, n_filters, k, stride, pad)
    return n_filters * shape[1] * shape[2] * shape[0] * k * k
