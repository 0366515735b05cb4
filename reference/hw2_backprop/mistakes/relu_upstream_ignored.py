"""Your relu_backward gives the layer's own derivative, 0 or 1, and forgets the gradient that arrives: multiply the
two."""

PARTS = ("layers",)


def relu_backward(dout, x):
    return (x > 0).to(dout.dtype)
