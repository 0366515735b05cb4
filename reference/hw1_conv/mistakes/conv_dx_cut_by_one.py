"""You cut one row and one column off each side of `dx`, whatever pad is. Cut off as much as was added: `pad`."""

PARTS = ("conv2d_backward",)

_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, _pad(x, pad), w, b, stride, 0)
    return dx[:, :, 1:-1, 1:-1], dw, db
