"""You mirror the first images of the batch, a fixed number of them. Chance decides on each."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.arange(len(images)) < round(p * len(images))
    return torch.where(flipped[:, None, None, None], images.flip(3), images)
