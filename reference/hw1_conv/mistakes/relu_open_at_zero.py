"""Your gradient passes where x is exactly 0. At the kink this homework takes the derivative to be 0, as torch does:
test x > 0, not x >= 0."""

PARTS = ("relu",)


def relu_backward(dout, x):
    return dout * (x >= 0)
