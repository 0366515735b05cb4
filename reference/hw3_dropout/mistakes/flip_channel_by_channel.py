"""You decide on each channel by itself, so the colours come apart. One decision per image."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.rand(images.shape[:2]) < p
    return torch.where(flipped[..., None, None], images.flip(3), images)
