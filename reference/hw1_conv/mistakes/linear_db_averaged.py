"""Your `db` matches a mean over the batch. The bias is added to every row, so its gradient is the sum."""

PARTS = ("linear",)


def linear_backward(dout, x, w, b):
    return dout @ w, dout.T @ x, dout.mean(0)
