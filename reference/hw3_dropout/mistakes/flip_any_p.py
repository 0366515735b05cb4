"""You accept a p that is no probability: raise ValueError."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    flipped = torch.rand(len(images)) < p
    return torch.where(flipped[:, None, None, None], images.flip(3), images)
