"""Your means are right but keep axes of length 1, as keepdim=True leaves them. The shape asked for is (C,)."""

PARTS = ("lines",)


def batch_mean(x):
    return x.mean(_axes(x), keepdim=True)
