"""Your `db` is summed over the batch alone. A bias is added at every pixel of its map, so its gradient sums over the
batch, the rows and the columns: shape (M,)."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, _ = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dx, dw, dout.sum(0)
