"""Your `dw` is upside down and mirrored: dw[m, c, 0, 0] belongs to the pixels that the top left weight met in the
forward pass."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dx, dw.flip(2, 3), db
