"""Your `dx` subtracts sums where means belong: 1/m is missing."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma / (var + eps).sqrt()
    dx = _along(scale, x_hat) * (dout - _along(dbeta, x_hat) - x_hat * _along(dgamma, x_hat))
    return dx, dgamma, dbeta
