"""Your `dx` is divided by the size of the batch. The loss decides whether to average; a layer only passes gradients
on."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dx / len(x), dw, db
