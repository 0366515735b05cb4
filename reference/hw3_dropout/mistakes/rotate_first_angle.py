"""You turn all images by the first angle. Each has its own."""

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
    angle = torch.deg2rad(degrees.to(images.dtype))[:1].expand(len(images))[:, None, None]
    source_u = u * angle.cos() - v * angle.sin()
    source_v = u * angle.sin() + v * angle.cos()
    grid = torch.stack([source_u * 2 / width, source_v * 2 / height], dim=-1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
