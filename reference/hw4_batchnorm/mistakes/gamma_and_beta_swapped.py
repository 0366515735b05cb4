"""Your y matches β x̂ + γ: the two are swapped. γ scales, β shifts."""

PARTS = ("lines",)


def scale_and_shift(x_hat, gamma, beta):
    return _along(beta, x_hat) * x_hat + _along(gamma, x_hat)
