"""Your mean matches the median of the values. The mean is their sum divided by m."""

PARTS = ("lines",)


def batch_mean(x):
    return x.movedim(1, 0).flatten(1).median(1).values
