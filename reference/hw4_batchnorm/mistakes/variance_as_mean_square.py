"""Your variance matches the mean of x²: the mean was not subtracted before squaring."""

PARTS = ("lines",)


def batch_variance(x, mean):
    return x.square().mean(_axes(x))
