"""Your module has no attribute p. It keeps p under this name, as torch's does."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.probability = p

    def forward(self, x):
        return dropout_forward(x, self.probability, self.training)[0]
