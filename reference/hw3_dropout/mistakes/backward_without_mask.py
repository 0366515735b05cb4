"""Your gradient flows through dropped elements too. They had no part in y, so their gradient is 0."""

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout * _scale(p)
