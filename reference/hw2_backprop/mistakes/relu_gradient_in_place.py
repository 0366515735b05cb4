"""Your gradient is right, but relu_backward overwrites dout. Whoever handed it over may still need it: make a new
tensor."""

PARTS = ("layers",)


def relu_backward(dout, x):
    return dout.mul_(x > 0)
