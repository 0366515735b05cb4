"""You reverse rows and columns, which turns an image by 180 degrees. A horizontal flip reverses the columns only."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.rand(len(images)) < p
    return torch.where(flipped[:, None, None, None], images.flip(2, 3), images)
