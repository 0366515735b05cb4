"""Your mean is one and the same number for every channel: it runs over the channels too. Each channel has a mean of its
own."""

PARTS = ("lines",)


def batch_mean(x):
    return x.mean().expand(x.shape[1])
