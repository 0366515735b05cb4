"""You draw angles from a normal distribution, which has no bounds. They are uniform in [−max_degrees,
max_degrees]."""

import torch

PARTS = ("rotate",)


def random_rotation(images, max_degrees):
    _check_size("max_degrees", max_degrees)
    return rotate(images, max_degrees * torch.randn(len(images), dtype=images.dtype))
