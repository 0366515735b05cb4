"""Your module returns the pair (y, mask). A layer returns its output alone."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x):
        return dropout_forward(x, self.p, self.training)
