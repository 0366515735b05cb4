"""Your x_hat is divided by σ² + ε, the variance. Divide by its root, the standard deviation."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-5):
    return (x - _along(mean, x)) / _along(var + eps, x)
