"""Your `dx` matches filters that were added up before they met the gradient. Each map's gradient goes back through
its own filter; the products are summed, not the factors."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    _, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    dx, _, _ = _true_conv2d_backward(dout, x, w.sum(0).expand_as(w), b, stride, pad)
    return dx, dw, db
