"""Homework 3: dropout and data augmentation.

Write every function marked below, and the two modules; keep the names and arguments as they are. README.md has the
mathematics and the conventions. `pytest` in this folder checks your work against small examples.

Tensors are torch tensors. x is a batch of any shape whose axis 0 is the batch, and images are (N, C, H, W). An output
has the dtype of its input (float32 or float64). No function may change its arguments. Random numbers are yours to draw
as you like: by torch, numpy or Python, in any order. torch's own dropout refuses to run when your work is graded.
"""

from __future__ import annotations

import torch
from torch import nn

Tensor = torch.Tensor
Layers = list[tuple[Tensor, Tensor]]  # of a small network: a weight (D_in, D_out) and a bias (D_out,) per layer


# ------------------------------------------------------------------------------------------------------------ dropout


def dropout_forward(x: Tensor, p: float, training: bool = True) -> tuple[Tensor, Tensor]:
    """Inverted dropout. Returns y and mask, both of the shape of x; y has its dtype, mask is bool, True where kept.

    training=True: each element is dropped with probability p, independently of all others; a dropped one becomes 0, a
    kept one is divided by 1 − p. With p = 1 all of y is 0.
    training=False: y is x, and the mask is True everywhere.

    Raises ValueError if p is not in [0, 1], in training and in evaluation.
    """
    raise NotImplementedError("dropout_forward is yours to write")


def dropout_backward(dout: Tensor, mask: Tensor, p: float) -> Tensor:
    """The gradient of a loss with respect to x, given its gradient dout with respect to y and training's mask and p."""
    raise NotImplementedError("dropout_backward is yours to write")


class Dropout(nn.Module):
    """A stand-in for torch.nn.Dropout: drops in training, with a new mask at each call, and hands x on in evaluation.

    Keeps p as an attribute, and no parameters or buffers. Raises ValueError if p is not in [0, 1].
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        raise NotImplementedError("Dropout is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        """Dropout in training or in evaluation, as `self.training` says. The shape and dtype of x."""
        raise NotImplementedError("Dropout is yours to write")


# ------------------------------------------------------------------------------------------ exponentially many networks


def predict(x: Tensor, layers: Layers) -> Tensor:
    """The whole network, without dropout: h ← h @ w + b, with a ReLU after every layer but the last.

    x (N, D), at least one layer → (N, D_out of the last layer).
    """
    raise NotImplementedError("predict is yours to write")


def exact_ensemble(x: Tensor, layers: Layers, p: float) -> Tensor:
    """The mean of the outputs of *all* thinned networks, each weighted with its probability. 0 ≤ p < 1.

    A thinned network drops some of the hidden units (inverted dropout, after the ReLU). J hidden units in all layers
    together make 2^J networks; J is at most 8 when this is graded. Shapes as in `predict`.
    """
    raise NotImplementedError("exact_ensemble is yours to write")


def sampled_ensemble(x: Tensor, layers: Layers, p: float, n_samples: int) -> Tensor:
    """The mean of the outputs of n_samples thinned networks, drawn at random. 0 ≤ p < 1.

    Every sample draws a new mask for each hidden layer, and every row of x has its own: inverted dropout after each
    ReLU, none on x and none on the output. Shapes as in `predict`.
    """
    raise NotImplementedError("sampled_ensemble is yours to write")


# -------------------------------------------------------------------------------------------------- data augmentation


def random_horizontal_flip(images: Tensor, p: float = 0.5) -> Tensor:
    """Mirror each image left to right with probability p. (N, C, H, W) → (N, C, H, W).

    Raises ValueError if p is not in [0, 1].
    """
    raise NotImplementedError("random_horizontal_flip is yours to write")


def random_crop(images: Tensor, pad: int) -> Tensor:
    """Surround each image by `pad` zeros on every side, and cut a window of its old size out, at a random place.

    All (2 · pad + 1)² places are equally likely. (N, C, H, W) → (N, C, H, W). Raises ValueError if pad is negative.
    """
    raise NotImplementedError("random_crop is yours to write")


def color_cast(images: Tensor, strength: float) -> Tensor:
    """Add one number to each channel of each image, uniform in [−strength, strength]; nothing is clipped.

    (N, C, H, W) → (N, C, H, W). Raises ValueError if strength is negative.
    """
    raise NotImplementedError("color_cast is yours to write")


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Turn each image counter-clockwise about its centre, by its own angle. (N, C, H, W), (N,) → (N, C, H, W).

    Bilinear between pixels; outside of the image there are zeros. README.md has the formulas.
    """
    raise NotImplementedError("rotate is yours to write")


def random_rotation(images: Tensor, max_degrees: float) -> Tensor:
    """Rotate each image by its own angle, uniform in [−max_degrees, max_degrees].

    (N, C, H, W) → (N, C, H, W). Raises ValueError if max_degrees is negative.
    """
    raise NotImplementedError("random_rotation is yours to write")


class Augment(nn.Module):
    """In training: flip, crop, rotation and colour cast, in this order. In evaluation: nothing at all."""

    def __init__(self, flip: float = 0.5, pad: int = 2, max_degrees: float = 10.0, strength: float = 0.1) -> None:
        super().__init__()
        raise NotImplementedError("Augment is yours to write")

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, H, W)."""
        raise NotImplementedError("Augment is yours to write")


def shuffled_batches(images: Tensor, labels: Tensor, batch_size: int) -> list[tuple[Tensor, Tensor]]:
    """One epoch: all samples in a new random order, as batches (images, labels).

    images (N, C, H, W), labels (N,). Every batch has batch_size samples; the last one has what is left over.
    Raises ValueError if batch_size is less than 1.
    """
    raise NotImplementedError("shuffled_batches is yours to write")
