"""Your x_hat has no ε under the root: it differs a little everywhere, and is NaN where all values of a channel are
equal."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-5):
    return (x - _along(mean, x)) / _along(var.sqrt(), x)
