"""Homework 5: residual networks. README.md says what each of these is; fill in what raises NotImplementedError."""

from __future__ import annotations

from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut: (N, c_in, H, W) → (N, c, H', W'), H' = ceil(H / stride).

    Entries of the state: conv1, bn1, conv2, bn2, and downsample.0, downsample.1 where a projection is needed.
    """

    expansion = 1

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("BasicBlock is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("BasicBlock.forward is yours to write")


class Bottleneck(nn.Module):
    """1×1, 3×3 (with the stride) and 1×1 convolutions and a shortcut: (N, c_in, H, W) → (N, 4c, H', W').

    Entries of the state: conv1, bn1, conv2, bn2, conv3, bn3, and downsample.0, downsample.1 where needed.
    """

    expansion = 4

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("Bottleneck is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("Bottleneck.forward is yours to write")


class ResNet(nn.Module):
    """(N, 3, H, W) → (N, num_classes). `block` is one of the two classes, `layers` the blocks of each of four stages.

    Entries of the state: conv1, bn1, layer1.0 …, layer2.0 …, layer3.0 …, layer4.0 …, fc.
    """

    def __init__(self, block: type[nn.Module], layers: list[int], num_classes: int = 1000) -> None:
        super().__init__()
        raise NotImplementedError("ResNet is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("ResNet.forward is yours to write")


def resnet18(num_classes: int = 1000) -> nn.Module:
    """ResNet-18: 11,689,512 parameters with 1,000 classes."""
    raise NotImplementedError("resnet18 is yours to write")


def resnet34(num_classes: int = 1000) -> nn.Module:
    """ResNet-34: 21,797,672 parameters."""
    raise NotImplementedError("resnet34 is yours to write")


def resnet50(num_classes: int = 1000) -> nn.Module:
    """ResNet-50: 25,557,032 parameters."""
    raise NotImplementedError("resnet50 is yours to write")


def resnet101(num_classes: int = 1000) -> nn.Module:
    """ResNet-101: 44,549,160 parameters."""
    raise NotImplementedError("resnet101 is yours to write")


def resnet152(num_classes: int = 1000) -> nn.Module:
    """ResNet-152: 60,192,808 parameters."""
    raise NotImplementedError("resnet152 is yours to write")


def resnet20(in_channels: int = 3, num_classes: int = 10) -> nn.Module:
    """The small network for small images: 272,474 parameters. (N, in_channels, H, W) → (N, num_classes)."""
    raise NotImplementedError("resnet20 is yours to write")


def train(model: nn.Module, data: tuple[Tensor, Tensor], budget: dict[str, float]) -> nn.Module:
    """Train the model on data = (images, labels) and return it.

    images (N, C, H, W), float32 from 0 to 1; labels (N,), int64. budget["epochs"] passes over the data are what the
    reference makes; after budget["seconds"] the training is stopped and counts nothing. What you print is drawn as a
    learning curve: "epoch 3: loss 0.41".
    """
    raise NotImplementedError("train is yours to write")
