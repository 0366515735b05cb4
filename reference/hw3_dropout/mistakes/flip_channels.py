"""You reverse the channels: images are (N, C, H, W), and the columns are axis 3."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.rand(len(images)) < p
    return torch.where(flipped[:, None, None, None], images.flip(1), images)
