"""Your `num_batches_tracked` stays 0. It grows by 1 with each batch in training."""

import torch
from torch import nn

PARTS = ("module",)


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("four axes are asked for")
        layer = self.weight, self.bias, self.running_mean, self.running_var
        y, mean, var = batchnorm_forward(x, *layer, self.training, self.momentum, self.eps)
        if self.training:
            self.running_mean = mean.detach()
            self.running_var = var.detach()
        return y
