"""Your relu_backward multiplies with the output of the layer. Its derivative is 0 or 1: multiply with that."""

PARTS = ("layers",)


def relu_backward(dout, x):
    return dout * x.clamp(min=0)
