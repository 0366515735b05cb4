"""Your module can be made with a p that is no probability. Raise ValueError in __init__, where the mistake is, not at
the first batch."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        return dropout_forward(x, self.p, self.training)[0]
