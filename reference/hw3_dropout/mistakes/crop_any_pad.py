"""You accept a negative pad: raise ValueError."""

import torch
import torch.nn.functional as F

PARTS = ("crop",)


def random_crop(images, pad):
    _, _, height, width = images.shape
    padded = F.pad(images, (pad, pad, pad, pad))
    starts = torch.randint(0, max(2 * pad, 0) + 1, (len(images), 2)).tolist()
    return torch.stack([image[:, i : i + height, j : j + width] for image, (i, j) in zip(padded, starts, strict=True)])
