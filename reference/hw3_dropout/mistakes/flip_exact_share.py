"""You mirror exactly the share p of the images, chosen at random. Each image decides for itself, so their number varies
from call to call."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.randperm(len(images)) < round(p * len(images))
    return torch.where(flipped[:, None, None, None], images.flip(3), images)
