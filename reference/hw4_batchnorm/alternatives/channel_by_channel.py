"""A loop over the channels; backward goes through the lines in reverse, one local derivative at a time, as on paper."""

import math

import torch
from torch import nn


def channels(x):
    return [x[:, c] for c in range(x.shape[1])]


def batch_mean(x):
    return torch.stack([one.sum() / one.numel() for one in channels(x)])


def batch_variance(x, mean):
    return torch.stack([((one - mu) ** 2).sum() / one.numel() for one, mu in zip(channels(x), mean, strict=True)])


def normalize(x, mean, var, eps=1e-5):
    each = zip(channels(x), mean, var, strict=True)
    return torch.stack([(one - mu) / torch.sqrt(v + eps) for one, mu, v in each], 1)


def scale_and_shift(x_hat, gamma, beta):
    each = zip(channels(x_hat), gamma, beta, strict=True)
    return torch.stack([one * g + b for one, g, b in each], dim=1)


def update_running(running_mean, running_var, mean, var, m, momentum=0.1):
    keep = 1 - momentum
    new_mean = keep * running_mean + momentum * mean
    new_var = keep * running_var + momentum * (var * m) / (m - 1)
    return [new_mean, new_var]


def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    m = math.prod(x.shape) // x.shape[1]
    if not training:
        return scale_and_shift(normalize(x, running_mean, running_var, eps), gamma, beta), running_mean, running_var
    if m < 2:
        raise ValueError(f"{m} value per channel")
    mean = batch_mean(x)
    var = batch_variance(x, mean)
    y = scale_and_shift(normalize(x, mean, var, eps), gamma, beta)
    return (y, *update_running(running_mean, running_var, mean, var, m, momentum))


def backward_of_one(d, hat, v, g, eps):
    """dx, dgamma and dbeta of a single channel."""
    m, root = d.numel(), torch.sqrt(v + eps)
    distance = hat * root  # x − mean
    dhat = d * g  # line 4
    ddistance = dhat / root  # line 3, its upper half
    dv = (dhat * distance).sum() * -0.5 / root**3  # line 3, its lower half
    ddistance = ddistance + dv * 2 * distance / m  # line 2
    dmean = -ddistance.sum()
    return ddistance + dmean / m, (d * hat).sum(), d.sum()  # line 1


def batchnorm_backward(dout, x_hat, var, gamma, eps=1e-5):
    each = zip(channels(dout), channels(x_hat), var, gamma, strict=True)
    dx, dgamma, dbeta = zip(*(backward_of_one(*one, eps) for one in each), strict=True)
    return torch.stack(dx, 1), torch.stack(dgamma), torch.stack(dbeta)


class Counter(nn.Module):
    """What BatchNorm2d counts and keeps, apart from its arithmetic."""

    def __init__(self, num_features):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    @torch.no_grad()
    def keep(self, mean, var):
        self.running_mean[:] = mean
        self.running_var[:] = var
        self.num_batches_tracked += 1


class BatchNorm2d(Counter):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features)
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))

    def forward(self, x):
        if len(x.shape) != 4:
            raise ValueError("not a batch of images")
        gamma, beta, mean, var = self.weight, self.bias, self.running_mean, self.running_var
        y, mean, var = batchnorm_forward(x, gamma, beta, mean, var, self.training, self.momentum, self.eps)
        if self.training:
            self.keep(mean, var)
        return y
