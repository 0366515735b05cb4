"""Your db is (1, M). It has the shape of b, (M,)."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w.T, x.T @ dout, dout.sum(0, keepdim=True)
