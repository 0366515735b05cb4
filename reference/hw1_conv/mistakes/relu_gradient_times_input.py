"""Your gradient matches dout · max(0, x): the derivative of ReLU is 1 where x is positive, not x."""

PARTS = ("relu",)


def relu_backward(dout, x):
    return dout * x.clamp(min=0)
