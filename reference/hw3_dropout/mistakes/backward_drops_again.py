"""You call dropout_forward on the gradient, which draws a new mask on top of the old one. Backward there is no chance
any more."""

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dropout_forward(dout * mask, p)[0]
