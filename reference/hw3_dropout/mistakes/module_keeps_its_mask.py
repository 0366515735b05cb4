"""Your module draws one mask and uses it for ever. Every call has to draw a new one."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p
        self.mask = None

    def forward(self, x):
        if not self.training:
            return x
        if self.mask is None or self.mask.shape != x.shape:
            self.mask = dropout_forward(x, self.p)[1]
        return x * self.mask * _scale(self.p)
