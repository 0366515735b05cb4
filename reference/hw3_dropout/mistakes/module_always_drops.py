"""Your module drops in evaluation too. forward has to look at self.training, which eval() sets to False."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x):
        return dropout_forward(x, self.p, True)[0]
