"""Loops over Python's own numbers: a channel is the list of its values, and nothing else is known of an image."""

import torch
from torch import nn


def split(x):
    """For each channel the list of its values, in the order of the batch."""
    return [x[:, c].flatten().tolist() for c in range(x.shape[1])]


def joined(values, like):
    """The reverse of `split`, in the shape of `like`."""
    n, c, *rest = like.shape
    return torch.tensor(values, dtype=like.dtype).reshape(c, n, *rest).transpose(0, 1).contiguous()


def batch_mean(x):
    means = []
    for values in split(x):
        total = 0.0
        for value in values:
            total += value
        means.append(total / len(values))
    return torch.tensor(means, dtype=x.dtype)


def batch_variance(x, mean):
    variances = []
    for values, mu in zip(split(x), mean.tolist(), strict=True):
        total = 0.0
        for value in values:
            total += (value - mu) ** 2
        variances.append(total / len(values))
    return torch.tensor(variances, dtype=x.dtype)


def normalize(x, mean, var, eps=1e-5):
    hats = []
    for values, mu, v in zip(split(x), mean.tolist(), var.tolist(), strict=True):
        hats.append([(value - mu) / (v + eps) ** 0.5 for value in values])
    return joined(hats, x)


def scale_and_shift(x_hat, gamma, beta):
    scaled = []
    for values, g, b in zip(split(x_hat), gamma.tolist(), beta.tolist(), strict=True):
        scaled.append([g * value + b for value in values])
    return joined(scaled, x_hat)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    means, variances = [], []
    for old, new in zip(running_mean.tolist(), mean.tolist(), strict=True):
        means.append(old + momentum * (new - old))
    for old, new in zip(running_var.tolist(), var.tolist(), strict=True):
        variances.append(old + momentum * (new * m / (m - 1) - old))
    return torch.tensor(means, dtype=running_mean.dtype), torch.tensor(variances, dtype=running_var.dtype)


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if not training:
        x_hat = normalize(x, running_mean, running_var, eps)
        return scale_and_shift(x_hat, gamma, beta), running_mean, running_var
    m = 1
    for axis, size in enumerate(x.shape):
        m *= 1 if axis == 1 else size
    if m == 1:
        raise ValueError("one value has no variance")
    mean = batch_mean(x)
    var = batch_variance(x, mean)
    y = scale_and_shift(normalize(x, mean, var, eps), gamma, beta)
    return y, *update_running(running_mean, running_var, mean, var, m, momentum)


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    dx, dgamma, dbeta = [], [], []
    for sent, hats, v, g in zip(split(dout), split(x_hat), var.tolist(), gamma.tolist(), strict=True):
        m, total, product = len(sent), 0.0, 0.0
        for d, hat in zip(sent, hats, strict=True):
            total += d
            product += d * hat
        factor = g / (v + eps) ** 0.5
        dx.append([factor * (d - total / m - hat * product / m) for d, hat in zip(sent, hats, strict=True)])
        dgamma.append(product)
        dbeta.append(total)
    return joined(dx, dout), torch.tensor(dgamma, dtype=dout.dtype), torch.tensor(dbeta, dtype=dout.dtype)


class BatchNorm2d(nn.Module):
    """The functions above know nothing of autograd, so here the sums are tensors' own: a loop over the channels."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        for name, value in (("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((num_features,), value))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("no batch of images")
        m = x.numel() // x.shape[1]
        if self.training and m == 1:
            raise ValueError("one value has no variance")
        channels = []
        for c in range(x.shape[1]):
            values, mean, var = x[:, c], self.running_mean[c].clone(), self.running_var[c].clone()
            if self.training:
                mean = values.sum() / m
                var = ((values - mean) ** 2).sum() / m
                with torch.no_grad():
                    self.running_mean[c] += self.momentum * (mean - self.running_mean[c])
                    self.running_var[c] += self.momentum * (var * m / (m - 1) - self.running_var[c])
            channels.append(self.weight[c] * (values - mean) / (var + self.eps) ** 0.5 + self.bias[c])
        if self.training:
            self.num_batches_tracked += 1
        return torch.stack(channels, 1)
