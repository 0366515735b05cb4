"""Your gradient is 1 or 0: it matches the derivative of ReLU alone. The chain rule multiplies it by dout."""

PARTS = ("relu",)


def relu_backward(dout, x):
    return (x > 0).to(x.dtype)
