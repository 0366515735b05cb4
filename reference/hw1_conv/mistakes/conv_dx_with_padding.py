"""Your `dx` still includes the padding. Cut off `pad` rows and columns on every side: `dx` has the shape of `x`."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    return _true_conv2d_backward(dout, _pad(x, pad), w, b, stride, 0)
