"""Your module multiplies by 1 − p in evaluation. Training has divided by it already."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x):
        y = dropout_forward(x, self.p, self.training)[0]
        return y if self.training else y * (1 - self.p)
