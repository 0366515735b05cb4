"""Your variance is the sum of the squared distances. Divide it by m."""

PARTS = ("lines",)


def batch_variance(x, mean):
    return (x - _along(mean, x)).square().sum(_axes(x))
