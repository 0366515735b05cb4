"""Your x_hat is right, but your function overwrites x. Operations like `x -= mean` work in place: make a new tensor
instead."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-5):
    x -= _along(mean, x)
    x /= _along((var + eps).sqrt(), x)
    return x
