"""numpy inside, torch outside; the module does its own arithmetic in torch and calls none of the functions."""

import numpy as np
import torch


def axes(x):
    return (0,) if x.ndim == 2 else (0, 2, 3)


def wide(values, x):
    return np.expand_dims(values, axes(x))


def batch_mean(x):
    return torch.from_numpy(np.mean(x.numpy(), axis=axes(x)))


def batch_variance(x, mean):
    return torch.from_numpy(np.var(x.numpy(), axis=axes(x)))


def normalize(x, mean, var, eps=1e-5):
    a = x.numpy()
    return torch.from_numpy((a - wide(mean, a)) / np.sqrt(wide(var, a) + eps).astype(a.dtype))


def scale_and_shift(x_hat, gamma, beta):
    a = x_hat.numpy()
    return torch.from_numpy(a * wide(gamma, a) + wide(beta, a))


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    factor = momentum * m / (m - 1)
    return (
        running_mean - momentum * (running_mean - mean),
        running_var - momentum * running_var + factor * var,
    )


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if training:
        m = x.numel() // len(gamma)
        if m == 1:
            raise ValueError("nothing to normalise with")
        mean = batch_mean(x)
        var = batch_variance(x, mean)
        running_mean, running_var = update_running(running_mean, running_var, mean, var, m, momentum)
    else:
        mean, var = running_mean, running_var
    return scale_and_shift(normalize(x, mean, var, eps), gamma, beta), running_mean, running_var


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    d, hat, variance = dout.numpy(), x_hat.numpy(), var.numpy()
    over = axes(d)
    dgamma, dbeta = np.sum(d * hat, axis=over), np.sum(d, axis=over)
    dhat = d * wide(gamma.numpy(), d)
    inner = dhat - dhat.mean(over, keepdims=True) - hat * (dhat * hat).mean(over, keepdims=True)
    dx = inner / wide(np.sqrt(variance + variance.dtype.type(eps)), d)
    return torch.from_numpy(dx), torch.from_numpy(dgamma), torch.from_numpy(dbeta)


class BatchNorm2d(torch.nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.register_parameter("weight", torch.nn.Parameter(torch.ones(num_features)))
        self.register_parameter("bias", torch.nn.Parameter(torch.zeros(num_features)))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.int64))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError("images, please")
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
            with torch.no_grad():
                self.num_batches_tracked.add_(1)
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var((0, 2, 3)), self.momentum)
        scale = self.weight / (var + self.eps) ** 0.5
        return x * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]
