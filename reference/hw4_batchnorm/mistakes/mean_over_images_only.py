"""Your mean of images is taken over the batch alone and still has rows and columns. All pixels of a channel share one
mean: shape (C,)."""

PARTS = ("lines",)


def batch_mean(x):
    return x.mean(0)
