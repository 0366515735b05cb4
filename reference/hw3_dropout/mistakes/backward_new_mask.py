"""Your backward pass draws a new mask. The gradient takes the way that the elements took: use the mask that you are
given."""

import torch

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout * (torch.rand(dout.shape) >= p) * _scale(p)
