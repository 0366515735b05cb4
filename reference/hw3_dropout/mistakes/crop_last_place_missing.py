"""Your window never starts in the last row or column: randint leaves its upper end out, so it is 2 · pad + 1."""

import torch
import torch.nn.functional as F

PARTS = ("crop",)


def random_crop(images, pad):
    _check_size("pad", pad)
    _, _, height, width = images.shape
    padded = F.pad(images, (pad, pad, pad, pad))
    starts = torch.randint(0, 2 * pad or 1, (len(images), 2)).tolist()
    windows = [image[:, i : i + height, j : j + width] for image, (i, j) in zip(padded, starts, strict=True)]
    return torch.stack(windows)
