"""Your `dgamma` and `dbeta` keep axes of length 1, as keepdim=True leaves them. The shape asked for is (C,)."""

PARTS = ("backward",)

_true_batchnorm_backward = batchnorm_backward


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    dx, dgamma, dbeta = _true_batchnorm_backward(dout, x_hat, var, gamma, eps)
    return dx, _along(dgamma, dout), _along(dbeta, dout)
