"""You use one number for row and column, so windows move along a diagonal. Draw two."""

import torch
import torch.nn.functional as F

PARTS = ("crop",)


def random_crop(images, pad):
    _check_size("pad", pad)
    _, _, height, width = images.shape
    padded = F.pad(images, (pad, pad, pad, pad))
    starts = torch.randint(0, 2 * pad + 1, (len(images), 1)).expand(-1, 2).tolist()
    windows = [image[:, i : i + height, j : j + width] for image, (i, j) in zip(padded, starts, strict=True)]
    return torch.stack(windows)
