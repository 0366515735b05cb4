"""Your relu_backward looks where the gradient is positive. It is the input that decides what passes."""

PARTS = ("layers",)


def relu_backward(dout, x):
    return dout * (dout > 0)
