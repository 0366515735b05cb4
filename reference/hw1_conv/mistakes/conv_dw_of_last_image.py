"""Your `dw` holds the last image's gradient alone: inside the loop over the batch, use += and not =."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, _, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    _, dw, _ = _true_conv2d_backward(dout[-1:], x[-1:], w, b, stride, pad)
    return dx, dw, db
