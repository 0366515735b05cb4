"""Your x_hat is divided by √σ² + ε. The ε belongs under the root, √(σ² + ε)."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-5):
    return (x - _along(mean, x)) / _along(var.sqrt() + eps, x)
