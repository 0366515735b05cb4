"""Your module remembers the mode that it was made in. train() and eval() change self.training later: ask for it in
forward."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p
        self.drops = self.training

    def train(self, mode=True):
        self.training = mode
        if not mode:
            self.drops = False
        return self

    def forward(self, x):
        return dropout_forward(x, self.p, self.drops)[0]
