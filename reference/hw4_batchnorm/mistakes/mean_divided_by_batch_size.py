"""Your mean of images is a sum over all pixels divided by N alone. There are m = N · H · W values per channel."""

PARTS = ("lines",)


def batch_mean(x):
    return x.sum(_axes(x)) / len(x)
