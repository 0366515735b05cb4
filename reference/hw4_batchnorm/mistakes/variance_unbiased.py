"""Your variance is divided by m − 1, as torch.var does by default. The algorithm divides by m: correction=0."""

PARTS = ("lines",)


def batch_variance(x, mean):
    return x.var(_axes(x))
