"""Your affine layer multiplies with wᵀ. Here w is (D, M), inputs first, as x w needs it."""

PARTS = ("layers",)


def affine_forward(x, w, b):
    return x @ w.T + b
