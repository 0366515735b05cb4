"""Your x_hat is x / √(σ² + ε) − μ. The mean is subtracted before the division."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-5):
    return x / _along((var + eps).sqrt(), x) - _along(mean, x)
