"""Your db is the mean over the batch. b was added to each row, so its gradient is the sum over all rows."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w.T, x.T @ dout, dout.mean(0)
