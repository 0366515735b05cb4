"""Your relu turns negative inputs into positive ones. They become 0."""

PARTS = ("layers",)


def relu_forward(x):
    return x.abs()
