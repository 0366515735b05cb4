"""Your mean and variance have one row per image, as in instance normalisation. Batch normalisation takes them over all
images of the batch: shape (C,)."""

PARTS = ("lines",)


def _along(values, x):
    return values[(...,) + (None,) * (x.dim() - 2)]


def batch_mean(x):
    return x.mean((2, 3)) if x.dim() == 4 else x.mean(0)


def batch_variance(x, mean):
    distances = (x - _along(mean, x)).square()
    return distances.mean((2, 3)) if x.dim() == 4 else distances.mean(0)
