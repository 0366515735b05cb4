"""The tournament's images, for training at home: `load(seed)` draws 2,000 to train with and 1,000 others.

A grading draws its own from a seed that nobody knows.

Each image shows one shape among clutter, on a ground of another colour. Only the shape decides the class: position,
angle, size, slant, colours, textures, light and noise are drawn alike for all classes, and all shapes have the same
mean area, so that no sum over pixels or colours tells them apart.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Data:
    """Images (N, C, H, W), float32 from 0 to 1, and labels (N,), int64 from 0 to `classes` − 1."""

    profile: str
    images: Tensor
    labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: int
    generator: str = ""  # names what drew them, where every seed draws others


TRAIN, TEST = 2000, 1000  # images, as many of each class
SIZE = 32
AREA = 0.25  # of the image, the mean of each shape's
BARS = 2  # of clutter
NOISE = 0.04  # standard deviation
BRIGHTER = 0.4  # by how much shapes tend to be brighter than their ground
CHUNK = 500  # images drawn at a time: what is drawn fits into a processor's cache

Inside = Callable[[Tensor, Tensor], Tensor]  # coordinates (x, y) → negative inside of the shape, about the distance


def _box(x: Tensor, y: Tensor, width: float, height: float) -> Tensor:
    return torch.maximum(x.abs() - width, y.abs() - height)


def _half_planes(x: Tensor, y: Tensor, sides: int) -> Tensor:
    angles = [2 * math.pi * side / sides for side in range(sides)]
    return torch.stack([math.sin(a) * x + math.cos(a) * y for a in angles]).amax(0) - 0.5


SHAPES: dict[str, Inside] = {
    "disc": lambda x, y: torch.hypot(x, y) - 1,
    "ring": lambda x, y: (torch.hypot(x, y) - 0.8).abs() - 0.22,
    "square": lambda x, y: _box(x, y, 0.8, 0.8),
    "frame": lambda x, y: (_box(x, y, 0.7, 0.7)).abs() - 0.2,
    "triangle": lambda x, y: _half_planes(x, y, 3),
    "cross": lambda x, y: torch.minimum(_box(x, y, 1, 0.3), _box(x, y, 0.3, 1)),
    "flower": lambda x, y: torch.hypot(x, y) - 0.75 - 0.25 * torch.cos(5 * torch.atan2(y, x)),
    "crescent": lambda x, y: torch.maximum(torch.hypot(x, y) - 1, 0.8 - torch.hypot(x - 0.5, y)),
    "angle": lambda x, y: torch.minimum(_box(x + 0.5, y, 0.28, 0.9), _box(x, y + 0.62, 0.75, 0.28)),
    "tee": lambda x, y: torch.minimum(_box(x, y, 0.26, 0.9), _box(x, y + 0.62, 0.9, 0.28)),
}


def load(seed: int) -> Data:
    """The images of a seed: (N, 3, 32, 32) in [0, 1], `TRAIN` to train with and `TEST` to be judged on."""
    draw = torch.Generator().manual_seed(seed)
    count = TRAIN + TEST
    labels = torch.cat([_order(part, draw) for part in (TRAIN, TEST)])
    images = torch.empty(count, 3, SIZE, SIZE)
    for rows in torch.arange(count).split(CHUNK):
        images[rows] = _images(labels[rows], draw)
    return Data(
        "shapes", images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:], len(SHAPES), generator=generator()
    )


@cache
def generator() -> str:
    """Names what draws the images: this file. A calibration holds for every seed of it, and for no other version."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _order(count: int, draw: torch.Generator) -> Tensor:
    """As many labels of each class, shuffled."""
    return torch.arange(count)[torch.randperm(count, generator=draw)] % len(SHAPES)


def _images(labels: Tensor, draw: torch.Generator) -> Tensor:
    count = len(labels)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *(shape or (1, 1)), generator=draw)

    ground = uniform(0.2, 0.8, 3, 1, 1)
    direction = F.normalize(torch.randn(count, 3, 1, 1, generator=draw) + BRIGHTER, dim=1)
    figure = ground + uniform(0.45, 0.8, 1, 1, 1) * direction
    image = ground + _texture(count, draw)
    for _ in range(BARS):
        image = torch.lerp(image, uniform(0, 1, 3, 1, 1), _bar(uniform))
    image = torch.lerp(image, figure + _texture(count, draw), _mask(labels, uniform))
    return (image + NOISE * torch.randn(image.shape, generator=draw)).clamp_(0, 1)


def _grid() -> tuple[Tensor, Tensor]:
    """Pixels' coordinates x and y, (32, 32), from −1 to 1."""
    steps = (torch.arange(SIZE) + 0.5) * 2 / SIZE - 1
    return steps.expand(SIZE, SIZE), steps[:, None].expand(SIZE, SIZE)


def _posed(x: Tensor, y: Tensor, angle: Tensor, slant: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates turned by an angle and sheared."""
    turned_x, turned_y = torch.cos(angle) * x + torch.sin(angle) * y, torch.cos(angle) * y - torch.sin(angle) * x
    return turned_x + slant * turned_y, turned_y


def _mask(labels: Tensor, uniform: Callable[..., Tensor]) -> Tensor:
    """How much of each pixel the shape covers, (N, 1, 32, 32)."""
    x, y = _grid()
    size = uniform(0.85, 1.2)
    x, y = _posed(x - uniform(-0.2, 0.2), y - uniform(-0.2, 0.2), uniform(-0.5, 0.5), uniform(-0.2, 0.2))
    mask = torch.empty(len(labels), 1, SIZE, SIZE)
    for label, (name, inside) in enumerate(SHAPES.items()):
        rows = labels == label
        scale = size[rows] * _scale(name)
        mask[rows, 0] = torch.sigmoid(-inside(x[rows] / scale, y[rows] / scale) * scale * SIZE * 1.5)
    return mask


@cache
def _scale(name: str) -> float:
    """By how much a shape is scaled to have `AREA`."""
    steps = torch.linspace(-2, 2, 801)
    x, y = torch.meshgrid(steps, steps, indexing="xy")
    area = float((SHAPES[name](x, y) < 0).double().mean()) * 16
    return math.sqrt(4 * AREA / area)


def _bar(uniform: Callable[..., Tensor]) -> Tensor:
    """A short bar of clutter, (N, 1, 32, 32)."""
    x, y = _grid()
    x, y = _posed(x - uniform(-1, 1), y - uniform(-1, 1), uniform(-math.pi, math.pi), torch.zeros(()))
    inside = torch.maximum(x.abs() - uniform(0.1, 0.5), y.abs() - uniform(0.04, 0.12))
    return torch.sigmoid(-inside * SIZE * 1.5)[:, None]


def _texture(count: int, draw: torch.Generator) -> Tensor:
    """Slow changes of light and a grating, (N, 3, 32, 32) around 0."""
    light = F.interpolate(0.07 * torch.randn(count, 3, 4, 4, generator=draw), SIZE, mode="bilinear")
    x, y = _grid()
    wave, height = 12 * torch.randn(count, 2, 1, 1, generator=draw), 0.07 * torch.rand(count, 1, 1, generator=draw)
    phase = 2 * math.pi * torch.rand(count, 1, 1, generator=draw)
    grating = height * torch.sin(wave[:, 0] * x + wave[:, 1] * y + phase)
    return light + grating[:, None]
