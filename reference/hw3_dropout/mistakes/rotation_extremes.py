"""You turn by either −max_degrees or max_degrees. Angles are uniform between them."""

import torch

PARTS = ("rotate",)


def random_rotation(images, max_degrees):
    _check_size("max_degrees", max_degrees)
    return rotate(images, max_degrees * torch.rand(len(images), dtype=images.dtype).sub(0.5).sign())
