"""You turn by half of max_degrees at most: rand() − 0.5 has to be doubled."""

import torch

PARTS = ("rotate",)


def random_rotation(images, max_degrees):
    _check_size("max_degrees", max_degrees)
    return rotate(images, max_degrees * (torch.rand(len(images), dtype=images.dtype) - 0.5))
