"""You standardize all numbers together: each column has a mean and a deviation of its own."""

PARTS = ("describe",)


def standardize(x):
    return (x - x.mean()) / x.std()
