"""You draw casts from a normal distribution, which has no bounds. They are uniform in [−strength, strength]."""

import torch

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + strength * torch.randn(*images.shape[:2], 1, 1, dtype=images.dtype)
