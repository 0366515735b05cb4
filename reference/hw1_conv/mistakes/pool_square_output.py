"""Your pooled maps are square although the image is not: the width of the output is computed from the height of the
image."""

import torch.nn.functional as F

PARTS = ("maxpool2d",)

_true_maxpool2d_forward = maxpool2d_forward


def maxpool2d_forward(x, k, stride):
    y = _true_maxpool2d_forward(x, k, stride)
    return F.pad(y, (0, y.shape[2] - y.shape[3]))
