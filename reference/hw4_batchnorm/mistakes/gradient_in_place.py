"""Your gradients are right, but your function overwrites dout. Whoever handed it over may still need it: make a new
tensor instead."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    dout -= _along(dout.mean(axes), x_hat) + x_hat * _along(dgamma / _count(x_hat), x_hat)
    dout *= _along(gamma / (var + eps).sqrt(), x_hat)
    return dout, dgamma, dbeta
