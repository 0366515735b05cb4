"""In evaluation your output is divided by √σ² + ε. The ε belongs under the root, √(σ² + ε), as in training."""

PARTS = ("forward",)

_true_batchnorm_forward = batchnorm_forward


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        return _true_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    x_hat = (x - _along(running_mean, x)) / _along(running_var.sqrt() + eps, x)
    return scale_and_shift(x_hat, gamma, beta), running_mean, running_var
