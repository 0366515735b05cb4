"""Your module always has a p of 0.5, whatever it was made with."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x):
        return dropout_forward(x, 0.5, self.training)[0]
