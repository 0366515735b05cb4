"""You add numbers from −strength / 2 to strength / 2: rand() − 0.5 has to be doubled."""

import torch

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + strength * (torch.rand(*images.shape[:2], 1, 1, dtype=images.dtype) - 0.5)
