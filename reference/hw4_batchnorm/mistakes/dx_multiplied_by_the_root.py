"""Your `dx` is multiplied by √(σ² + ε). Line 3 divides by it, and so does its gradient."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    m = _count(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma * (var + eps).sqrt()
    dx = _along(scale, x_hat) * (dout - _along(dbeta, x_hat) / m - x_hat * _along(dgamma, x_hat) / m)
    return dx, dgamma, dbeta
