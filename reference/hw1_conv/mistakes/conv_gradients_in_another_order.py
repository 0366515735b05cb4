"""Your gradients are right but come in another order. Return (dx, dw, db)."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dw, db, dx
