"""Your module drops in evaluation and not in training: the condition on self.training is the wrong way round."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x):
        return dropout_forward(x, self.p, not self.training)[0]
