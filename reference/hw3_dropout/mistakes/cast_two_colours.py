"""You add either −strength or strength. Casts are uniform between them."""

import torch

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + strength * torch.rand(*images.shape[:2], 1, 1, dtype=images.dtype).sub(0.5).sign()
