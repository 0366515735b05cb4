"""Your gradient is cut off where the upstream gradient is negative. What decides is the sign of the input x, not that
of dout."""

PARTS = ("relu",)


def relu_backward(dout, x):
    return dout * (dout > 0)
