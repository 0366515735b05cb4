"""Your `dw` is divided by the size of the batch. The loss decides whether to average; a layer adds its gradients
up."""

PARTS = ("linear",)


def linear_backward(dout, x, w, b):
    return dout @ w, dout.T @ x / len(x), dout.sum(0)
