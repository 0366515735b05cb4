"""Your dx is divided by the size of the batch. Whether to average is up to the loss; the layer passes on what comes."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w.T / len(x), x.T @ dout, dout.sum(0)
