"""Your gradients come in another order, dw first. It is dx, dw, db."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return x.T @ dout, dout @ w.T, dout.sum(0)
