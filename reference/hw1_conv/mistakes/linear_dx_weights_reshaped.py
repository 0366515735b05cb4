"""Your `dx` matches weights that were transposed and then reshaped back. For y = x wᵀ the gradient is dout w, without
any transpose."""

PARTS = ("linear",)


def linear_backward(dout, x, w, b):
    return dout @ w.T.reshape(w.shape), dout.T @ x, dout.sum(0)
