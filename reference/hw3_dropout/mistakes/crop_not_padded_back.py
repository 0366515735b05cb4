"""Your result is as large as the padded image. A crop has the size that the image had."""

import torch.nn.functional as F

PARTS = ("crop",)


def random_crop(images, pad):
    _check_size("pad", pad)
    return F.pad(images, (pad, pad, pad, pad))
