"""Your `dbeta` of images is summed over the batch alone and still has rows and columns. All pixels of a channel share
one β: shape (C,)."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    m = _count(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma / (var + eps).sqrt()
    dx = _along(scale, x_hat) * (dout - _along(dbeta, x_hat) / m - x_hat * _along(dgamma, x_hat) / m)
    return dx, dgamma, dout.sum(0)
