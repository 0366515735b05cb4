"""Your dx is made with w.reshape(M, D), which has the shape of wᵀ but other numbers in it. Transpose: w.T."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w.reshape(w.shape[1], w.shape[0]), x.T @ dout, dout.sum(0)
