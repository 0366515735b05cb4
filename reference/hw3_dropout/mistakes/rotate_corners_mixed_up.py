"""You compute the grid as with align_corners=True and sample as with False (or the other way round), which scales the
image a little."""

import torch
import torch.nn.functional as F

PARTS = ("rotate",)


def rotate(images, degrees):
    _, _, height, width = images.shape
    v, u = torch.meshgrid(
        torch.arange(height, dtype=images.dtype) - (height - 1) / 2,
        torch.arange(width, dtype=images.dtype) - (width - 1) / 2,
        indexing="ij",
    )
    angle = torch.deg2rad(degrees.to(images.dtype))[:, None, None]
    source_u = u * angle.cos() - v * angle.sin()
    source_v = u * angle.sin() + v * angle.cos()
    grid = torch.stack([source_u * 2 / (width - 1), source_v * 2 / (height - 1)], dim=-1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
