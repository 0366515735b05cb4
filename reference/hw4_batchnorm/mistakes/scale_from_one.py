"""Your y matches (1 + γ) x̂ + β. Here γ itself is the scale; it starts at 1."""

PARTS = ("lines",)


def scale_and_shift(x_hat, gamma, beta):
    return _along(1 + gamma, x_hat) * x_hat + _along(beta, x_hat)
