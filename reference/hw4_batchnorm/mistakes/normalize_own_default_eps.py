"""Where no eps is given, your x_hat matches one of 1e-8. The default is 1e-5."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-8):
    return (x - _along(mean, x)) / _along((var + eps).sqrt(), x)
