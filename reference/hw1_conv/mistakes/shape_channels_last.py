"""Your shapes match (H', W', C'). Images are channels first here, as everywhere in torch: (C', H', W')."""

PARTS = ("output_size",)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    return output_size(shape[1], k, stride, pad), output_size(shape[2], k, stride, pad), n_filters


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    h, w, m = conv_output_shape(shape, n_filters, k, stride, pad)
    return m * h * w * shape[0] * k * k
