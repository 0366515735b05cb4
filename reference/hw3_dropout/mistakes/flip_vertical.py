"""You mirror images top to bottom. A horizontal flip reverses the columns, axis 3."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.rand(len(images)) < p
    return torch.where(flipped[:, None, None, None], images.flip(2), images)
