"""Your `dx` is dout · γ / √(σ² + ε): right in evaluation. In training mean and variance depend on x as well, and
gradient flows through both."""

PARTS = ("backward",)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    axes = _axes(x_hat)
    dgamma, dbeta = (dout * x_hat).sum(axes), dout.sum(axes)
    scale = gamma / (var + eps).sqrt()
    dx = _along(scale, x_hat) * (dout)
    return dx, dgamma, dbeta
