"""Your variance matches the mean of |x − μ|. The distances are squared."""

PARTS = ("lines",)


def batch_variance(x, mean):
    return (x - _along(mean, x)).abs().mean(_axes(x))
