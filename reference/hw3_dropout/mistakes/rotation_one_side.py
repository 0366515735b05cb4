"""You turn images to one side only: angles are from −max_degrees to max_degrees."""

import torch

PARTS = ("rotate",)


def random_rotation(images, max_degrees):
    _check_size("max_degrees", max_degrees)
    return rotate(images, max_degrees * torch.rand(len(images), dtype=images.dtype))
