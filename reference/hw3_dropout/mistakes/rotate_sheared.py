"""Your rotation shears images that are not square: it is done in coordinates from −1 to 1, which are not equally long
along both axes. Rotate in pixels."""

import torch
import torch.nn.functional as F

PARTS = ("rotate",)


def rotate(images, degrees):
    _, _, height, width = images.shape
    v, u = torch.meshgrid(
        torch.arange(height, dtype=images.dtype) - 0,
        torch.arange(width, dtype=images.dtype) - 0,
        indexing="ij",
    )
    angle = torch.deg2rad(degrees.to(images.dtype))[:, None, None]
    source_u = (u * 2 / width + 1 / width - 1) * angle.cos() - (v * 2 / height + 1 / height - 1) * angle.sin()
    source_v = (u * 2 / width + 1 / width - 1) * angle.sin() + (v * 2 / height + 1 / height - 1) * angle.cos()
    grid = torch.stack([source_u, source_v], dim=-1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
