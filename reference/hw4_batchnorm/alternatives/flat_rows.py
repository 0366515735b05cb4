"""Images are laid out as a matrix with one row per channel; torch.var_mean does the statistics."""

import torch
from torch import nn


def rows(x):
    """(N, C, …) → (C, m)."""
    return x.movedim(1, 0).flatten(1)


def back(flat, x):
    """(C, m) → the shape of x."""
    return flat.unflatten(1, (x.shape[0], *x.shape[2:])).movedim(0, 1)


def batch_mean(x):
    return rows(x).mean(1)


def batch_variance(x, mean):
    return torch.var(rows(x), dim=1, correction=0)


def normalize(x, mean, var, eps=1e-5):
    return back((rows(x) - mean[:, None]) * torch.rsqrt(var + eps)[:, None], x)


def scale_and_shift(x_hat, gamma, beta):
    return back(torch.addcmul(beta[:, None], gamma[:, None], rows(x_hat)), x_hat)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    return torch.lerp(running_mean, mean, momentum), torch.lerp(running_var, var * m / (m - 1), momentum)


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if not training:
        scale = gamma / torch.sqrt(running_var + eps)
        return scale_and_shift(x, scale, beta - scale * running_mean), running_mean, running_var
    flat = rows(x)
    m = flat.shape[1]
    if m == 1:
        raise ValueError("a single value")
    var, mean = torch.var_mean(flat, dim=1, correction=0)
    y = (flat - mean[:, None]) / torch.sqrt(var + eps)[:, None] * gamma[:, None] + beta[:, None]
    return back(y, x), *update_running(running_mean, running_var, mean, var, m, momentum)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    d, hat = rows(dout), rows(x_hat)
    m = d.shape[1]
    dgamma, dbeta = torch.linalg.vecdot(d, hat), d.sum(1)
    dx = (gamma / (m * torch.sqrt(var + eps)))[:, None] * (m * d - dbeta[:, None] - hat * dgamma[:, None])
    return back(dx, dout), dgamma, dbeta


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.options = {"momentum": momentum, "eps": eps}
        self.weight = nn.Parameter(torch.full((num_features,), 1.0))
        self.bias = nn.Parameter(torch.full((num_features,), 0.0))
        for name, start in (("mean", torch.zeros), ("var", torch.ones)):
            self.register_buffer(f"running_{name}", start(num_features))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.long))

    def forward(self, x):
        _, _, _, _ = x.shape  # four axes, else Python raises ValueError
        running = self.running_mean, self.running_var
        y, *running = batchnorm_forward(x, self.weight, self.bias, *running, self.training, **self.options)
        if self.training:
            self.running_mean, self.running_var = (one.detach() for one in running)
            self.num_batches_tracked = self.num_batches_tracked + 1
        return y
