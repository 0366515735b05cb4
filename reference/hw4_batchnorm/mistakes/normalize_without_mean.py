"""Your x_hat still has the batch's mean: only the spread is normalised. Subtract the mean first."""

PARTS = ("lines",)


def normalize(x, mean, var, eps=1e-5):
    return x / _along((var + eps).sqrt(), x)
