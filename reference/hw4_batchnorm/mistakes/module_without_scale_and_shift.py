"""Your output is x̂: the module's weight and bias have no part in it."""

import torch

PARTS = ("module",)


_TrueBatchNorm2d = BatchNorm2d


class BatchNorm2d(_TrueBatchNorm2d):
    def forward(self, x):
        weight, bias = self.weight.data, self.bias.data
        self.weight.data, self.bias.data = torch.ones_like(weight), torch.zeros_like(bias)
        y = super().forward(x)
        self.weight.data, self.bias.data = weight, bias
        return y
