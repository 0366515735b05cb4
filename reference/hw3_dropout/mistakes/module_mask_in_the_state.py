"""Your module keeps its last mask as a buffer, so it is in the state dict after a call. It has no buffers."""

from torch import nn

PARTS = ("module",)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x):
        y, mask = dropout_forward(x, self.p, self.training)
        self.register_buffer("mask", mask)
        return y
