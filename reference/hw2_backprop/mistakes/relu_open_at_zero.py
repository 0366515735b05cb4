"""Your relu_backward passes the gradient on where the input was 0. This course says 0 there: x > 0, not x ≥ 0."""

PARTS = ("layers",)


def relu_backward(dout, x):
    return dout * (x >= 0)
