"""What flows through the variance lacks its factor x̂ in your `dx`: the variance moves with each x by its distance from
the mean."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    m = _count(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma / (var + eps).sqrt()
    dx = _along(scale, x_hat) * (dout - _along(dbeta, x_hat) / m - _along(dgamma, x_hat) / m)
    return dx, dgamma, dbeta
