"""Your affine layer has no bias: x w + b."""

PARTS = ("layers",)


def affine_forward(x, w, b):
    return x @ w
