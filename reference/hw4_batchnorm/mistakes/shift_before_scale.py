"""Your y matches γ (x̂ + β). Scale first, then shift: γ x̂ + β."""

PARTS = ("lines",)


def scale_and_shift(x_hat, gamma, beta):
    return _along(gamma, x_hat) * (x_hat + _along(beta, x_hat))
