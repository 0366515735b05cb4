"""Your db is dout, one row for each example. b was added to each row, so its gradient is their sum: (M,)."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w.T, x.T @ dout, dout
