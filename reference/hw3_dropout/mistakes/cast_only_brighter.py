"""You add numbers from 0 to strength: `rand` is never negative. A cast is from −strength to strength."""

import torch

PARTS = ("color",)


def color_cast(images, strength):
    _check_size("strength", strength)
    return images + strength * torch.rand(*images.shape[:2], 1, 1, dtype=images.dtype)
