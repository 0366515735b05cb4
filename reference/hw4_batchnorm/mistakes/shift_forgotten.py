"""Your y is scaled but not shifted: add β."""

PARTS = ("lines",)


def scale_and_shift(x_hat, gamma, beta):
    return _along(gamma, x_hat) * x_hat + 0 * _along(beta, x_hat)
