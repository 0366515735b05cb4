"""Your dw is divided by the size of the batch. Whether to average is up to the loss; the layer adds up."""

PARTS = ("layers",)


def affine_backward(dout, x, w):
    return dout @ w.T, x.T @ dout / len(x), dout.sum(0)
