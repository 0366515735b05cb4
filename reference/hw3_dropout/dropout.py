"""Dropout and data augmentation: the model answer.

Both are noise that training adds and evaluation leaves out, and both stand on one habit: ask for as many random numbers
as there are independent decisions, no fewer. One per element for dropout, one per image for a flip, two per image for a
crop, one per channel of each image for a colour cast.
"""

from __future__ import annotations

from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Layers = list[tuple[Tensor, Tensor]]


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"a probability lies in [0, 1], and {p} does not")


def _check_size(name: str, value: float, least: float = 0) -> None:
    if value < least:
        raise ValueError(f"{name} is at least {least}, not {value}")


def _uniform(images: Tensor, *shape: int, largest: float) -> Tensor:
    """Numbers from [−largest, largest] in the dtype of the images."""
    return largest * (2 * torch.rand(shape, dtype=images.dtype) - 1)


# ------------------------------------------------------------------------------------------------------------ dropout


def _scale(p: float) -> float:
    """What a kept element is multiplied by. With p = 1 none is kept, and 1/0 is nobody's."""
    return 1 / (1 - p) if p < 1 else 0.0


def dropout_forward(x: Tensor, p: float, training: bool = True) -> tuple[Tensor, Tensor]:
    """Kept with probability 1 − p and divided by it, so E[y] = x: evaluation has nothing to make up for."""
    _check_probability(p)
    if not training:
        return x, torch.ones_like(x, dtype=torch.bool)
    mask = torch.rand(x.shape) >= p  # rand is in [0, 1): p = 0 keeps everything, p = 1 nothing
    return x * mask * _scale(p), mask


def dropout_backward(dout: Tensor, mask: Tensor, p: float) -> Tensor:
    """y = x · mask / (1 − p) is linear in x, so the gradient takes the very same way back."""
    return dout * mask * _scale(p)


class Dropout(nn.Module):
    """nn.Module brings `training` along, and train() and eval() to set it, also from a network around this layer."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        _check_probability(p)
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """A new mask at each call."""
        return dropout_forward(x, self.p, self.training)[0]


# ------------------------------------------------------------------------------------------ exponentially many networks


def predict(x: Tensor, layers: Layers) -> Tensor:
    """All units, each as strong as it is on average in training."""
    for w, b in layers[:-1]:
        x = (x @ w + b).relu()
    w, b = layers[-1]
    return x @ w + b


def _thinned(x: Tensor, layers: Layers, masks: list[Tensor], p: float) -> Tensor:
    """One thinned network: a mask per hidden layer, True where a unit is kept."""
    for (w, b), mask in zip(layers[:-1], masks, strict=True):
        x = (x @ w + b).relu() * mask * _scale(p)
    w, b = layers[-1]
    return x @ w + b


def exact_ensemble(x: Tensor, layers: Layers, p: float) -> Tensor:
    """Σ over all masks of P(mask) · output, with P(mask) = (1 − p)^kept · p^dropped.

    For one hidden layer this is `predict`, for the output is linear in the mask. A second ReLU ends that.
    """
    sizes = [len(b) for _, b in layers[:-1]]
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for kept in product([True, False], repeat=sum(sizes)):
        probability = (1 - p) ** sum(kept) * p ** (len(kept) - sum(kept))
        masks = list(torch.tensor(kept, dtype=torch.bool).split(sizes)) if sizes else []
        total += probability * _thinned(x, layers, masks, p)
    return total


def sampled_ensemble(x: Tensor, layers: Layers, p: float, n_samples: int) -> Tensor:
    """What `exact_ensemble` gives up to an error of order 1/√n_samples, for networks of any size."""
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for _ in range(n_samples):
        h = x
        for w, b in layers[:-1]:
            h, _ = dropout_forward((h @ w + b).relu(), p)
        w, b = layers[-1]
        total += h @ w + b
    return total / n_samples


# -------------------------------------------------------------------------------------------------- data augmentation


def random_horizontal_flip(images: Tensor, p: float = 0.5) -> Tensor:
    """One decision per image: a mirror writing stays one in all of its channels and rows."""
    _check_probability(p)
    flipped = torch.rand(len(images)) < p
    return torch.where(flipped[:, None, None, None], images.flip(3), images)


def random_crop(images: Tensor, pad: int) -> Tensor:
    """The window starts at (i, j), each from 0 to 2 · pad: pad is the place where nothing moves."""
    _check_size("pad", pad)
    _, _, height, width = images.shape
    padded = F.pad(images, (pad, pad, pad, pad))
    starts = torch.randint(0, 2 * pad + 1, (len(images), 2)).tolist()  # randint leaves its upper end out
    windows = [image[:, i : i + height, j : j + width] for image, (i, j) in zip(padded, starts, strict=True)]
    return torch.stack(windows)


def color_cast(images: Tensor, strength: float) -> Tensor:
    """As if each picture had been taken under another light. The mean of many casts is no cast."""
    _check_size("strength", strength)
    return images + _uniform(images, *images.shape[:2], 1, 1, largest=strength)


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Ask for each pixel of the output where it comes from: turned back by the angle. Then the output has no holes.

    u to the right and v downwards are counted in pixels from the centre. In them, a rotation is a rotation; in
    grid_sample's coordinates, which go from −1 to 1 along both axes, it would shear every image that is not square.
    """
    _, _, height, width = images.shape
    v, u = torch.meshgrid(
        torch.arange(height, dtype=images.dtype) - (height - 1) / 2,
        torch.arange(width, dtype=images.dtype) - (width - 1) / 2,
        indexing="ij",
    )
    angle = torch.deg2rad(degrees.to(images.dtype))[:, None, None]
    source_u = u * angle.cos() - v * angle.sin()
    source_v = u * angle.sin() + v * angle.cos()
    grid = torch.stack([source_u * 2 / width, source_v * 2 / height], dim=-1)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def random_rotation(images: Tensor, max_degrees: float) -> Tensor:
    """A little to the left or to the right, each image by its own angle."""
    _check_size("max_degrees", max_degrees)
    return rotate(images, _uniform(images, len(images), largest=max_degrees))


class Augment(nn.Module):
    """A module, so that eval() of the network around it switches it off together with dropout."""

    def __init__(self, flip: float = 0.5, pad: int = 2, max_degrees: float = 10.0, strength: float = 0.1) -> None:
        super().__init__()
        self.flip, self.pad, self.max_degrees, self.strength = flip, pad, max_degrees, strength

    def forward(self, images: Tensor) -> Tensor:
        """The light falls on all that the camera sees, so the colour cast comes last."""
        if not self.training:
            return images
        images = random_horizontal_flip(images, self.flip)
        images = random_crop(images, self.pad)
        images = random_rotation(images, self.max_degrees)
        return color_cast(images, self.strength)


def shuffled_batches(images: Tensor, labels: Tensor, batch_size: int) -> list[tuple[Tensor, Tensor]]:
    """One permutation for both, or every image gets another one's label."""
    _check_size("batch_size", batch_size, 1)
    order = torch.randperm(len(images))
    return [(images[some], labels[some]) for some in order.split(batch_size)]
