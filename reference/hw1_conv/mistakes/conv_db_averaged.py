"""Your `db` matches a mean. Every image and every pixel adds its full gradient: sum, do not average."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, _ = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dx, dw, dout.mean((0, 2, 3))
