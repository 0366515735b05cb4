"""You multiply the gradient by 1 − p. It is divided by it, as the elements were."""

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout * mask * (1 - p)
