"""Your `dgamma` is the sum of dout, which is `dbeta`. In line 4, γ is multiplied by x̂: sum dout · x̂."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    m = _count(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma / (var + eps).sqrt()
    dx = _along(scale, x_hat) * (dout - _along(dbeta, x_hat) / m - x_hat * _along(dgamma, x_hat) / m)
    return dx, dbeta.clone(), dbeta
