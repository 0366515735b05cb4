"""Your gradient is right, but your function overwrites dout. Whoever handed it over may still need it: make a new
tensor instead of assigning into the old one."""

PARTS = ("relu",)


def relu_backward(dout, x):
    dout[x <= 0] = 0
    return dout
