"""You decide on each row by itself, which tears images apart. One decision per image."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.rand(images.shape[:3]) < p
    return torch.where(flipped[..., None], images.flip(3), images)
