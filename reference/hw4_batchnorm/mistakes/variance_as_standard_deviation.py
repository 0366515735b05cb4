"""Your variance matches the standard deviation: the root comes with line 3, after ε is added."""

PARTS = ("lines",)


def batch_variance(x, mean):
    return x.std(_axes(x), correction=0)
