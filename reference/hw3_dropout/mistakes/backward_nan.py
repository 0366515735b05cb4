"""With p = 1 your `dx` is NaN: 0 times infinity. Where everything is dropped, dx is 0."""

import torch

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout * mask / torch.tensor(1 - p, dtype=dout.dtype)
