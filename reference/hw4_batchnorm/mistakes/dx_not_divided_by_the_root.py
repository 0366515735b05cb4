"""Your `dx` is not divided by √(σ² + ε), by which line 3 divides."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    m = _count(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma
    dx = _along(scale, x_hat) * (dout - _along(dbeta, x_hat) / m - x_hat * _along(dgamma, x_hat) / m)
    return dx, dgamma, dbeta
