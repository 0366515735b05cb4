"""Your window starts at 0 to pad only, so images never move up or to the left. It starts at 0 to 2 · pad."""

import torch
import torch.nn.functional as F

PARTS = ("crop",)


def random_crop(images, pad):
    _check_size("pad", pad)
    _, _, height, width = images.shape
    padded = F.pad(images, (pad, pad, pad, pad))
    starts = torch.randint(0, pad + 1, (len(images), 2)).tolist()
    windows = [image[:, i : i + height, j : j + width] for image, (i, j) in zip(padded, starts, strict=True)]
    return torch.stack(windows)
