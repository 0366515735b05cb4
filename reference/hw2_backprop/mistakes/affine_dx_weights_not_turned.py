"""Your dx multiplies dout (N, M) with w (D, M), and these do not fit: it takes wᵀ."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w, x.T @ dout, dout.sum(0)
