"""You change `dout` in place. Who called you still needs it."""

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout.mul_(mask).mul_(_scale(p))
