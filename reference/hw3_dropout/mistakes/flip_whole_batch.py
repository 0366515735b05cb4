"""One number decides on the whole batch. Each image is mirrored, or not, by itself."""

import torch

PARTS = ("flip",)


def random_horizontal_flip(images, p=0.5):
    _check_probability(p)
    return images.flip(3) if torch.rand(()) < p else images
