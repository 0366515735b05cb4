"""You mirror the images in place. Next epoch they come again, and are to be as they were."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    flipped = torch.rand(len(images)) < p
    images[flipped] = images[flipped].flip(3)
    return images
