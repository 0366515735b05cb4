"""Your `dx` matches a kernel turned once too often. Scattering dout with w needs no flip; only if you write `dx` as a
convolution of dout is the kernel turned, once."""

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, _, _ = _true_conv2d_backward(dout, x, w.flip(2, 3), b, stride, pad)
    _, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    return dx, dw, db
