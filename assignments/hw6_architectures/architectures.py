"""Homework 6: architectures. README.md says what each of these is; fill in what raises NotImplementedError."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor, nn

Layer = dict[str, Any]  # {"kind": "conv", "filters": 96, "kernel": 11, "stride": 4}; README.md has all kinds
Shape = tuple[int, ...]  # (channels, height, width), or (neurons,)


# 1. Counting


def shapes(stack: list[Layer], shape: Shape) -> list[Shape]:
    """The shape of what each layer gives. Raises ValueError for unequal groups, and for a kernel that does not fit."""
    raise NotImplementedError("shapes is yours to write")


def parameters(stack: list[Layer], shape: Shape) -> list[int]:
    """How many numbers each layer learns."""
    raise NotImplementedError("parameters is yours to write")


def multiplications(stack: list[Layer], shape: Shape) -> list[int]:
    """How many multiplications each layer makes for one image."""
    raise NotImplementedError("multiplications is yours to write")


def neurons(stack: list[Layer], shape: Shape) -> int:
    """How many numbers the layers with weights give, together."""
    raise NotImplementedError("neurons is yours to write")


# 2. AlexNet


class AlexNet(nn.Module):
    """(N, 3, 227, 227) → (N, num_classes). `without` holds the numbers of layers that are left out: 3, 4, 6, 7.

    `shrink` divides the numbers of filters and of neurons. Entries: conv1 … conv5, fc6, fc7, fc8.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        groups: int = 2,
        without: Iterable[int] = (),
        shrink: int = 1,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        raise NotImplementedError("AlexNet is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("AlexNet.forward is yours to write")


# 3. VGG


class VGG(nn.Module):
    """(N, 3, H, W) → (N, num_classes). `config` holds numbers of filters, and "M" for a pooling.

    Entries: features.0 …, classifier.0, classifier.3, classifier.6.
    """

    def __init__(
        self, config: list[int | str], num_classes: int = 1000, hidden: int = 4096, dropout: float = 0.5
    ) -> None:
        super().__init__()
        raise NotImplementedError("VGG is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("VGG.forward is yours to write")


def vgg11(num_classes: int = 1000) -> nn.Module:
    """VGG-11: 132,863,336 parameters."""
    raise NotImplementedError("vgg11 is yours to write")


def vgg13(num_classes: int = 1000) -> nn.Module:
    """VGG-13: 133,047,848 parameters."""
    raise NotImplementedError("vgg13 is yours to write")


def vgg16(num_classes: int = 1000) -> nn.Module:
    """VGG-16: 138,357,544 parameters."""
    raise NotImplementedError("vgg16 is yours to write")


def vgg19(num_classes: int = 1000) -> nn.Module:
    """VGG-19: 143,667,240 parameters."""
    raise NotImplementedError("vgg19 is yours to write")


# 4. The Inception module


class Inception(nn.Module):
    """(N, c_in, H, W) → (N, c1 + c3 + c5 + proj, H, W).

    Entries: conv1, reduce3, conv3, reduce5, conv5, project.
    """

    def __init__(self, c_in: int, c1: int, r3: int, c3: int, r5: int, c5: int, proj: int) -> None:
        super().__init__()
        raise NotImplementedError("Inception is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("Inception.forward is yours to write")


# 5. GoogLeNet


class GoogLeNet(nn.Module):
    """(N, 3, 224, 224) → (N, num_classes) in evaluation, and three of these in training.

    `shrink` divides the numbers of filters, and the hidden neurons of the heads. Entries: conv1, reduce2, conv2,
    inception3a … inception5b, aux4a and aux4d (conv, fc1, fc2), fc.
    """

    def __init__(
        self, num_classes: int = 1000, shrink: int = 1, dropout: float = 0.4, aux_dropout: float = 0.7
    ) -> None:
        super().__init__()
        raise NotImplementedError("GoogLeNet is yours to write")

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        raise NotImplementedError("GoogLeNet.forward is yours to write")


# 6. DenseNet


class DenseLayer(nn.Module):
    """(N, c_in, H, W) → (N, c_in + growth, H, W). Entries: norm1, conv1, norm2, conv2."""

    def __init__(self, c_in: int, growth: int, bottleneck: int = 4) -> None:
        super().__init__()
        raise NotImplementedError("DenseLayer is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("DenseLayer.forward is yours to write")


class Transition(nn.Module):
    """(N, c_in, H, W) → (N, c_out, H // 2, W // 2). Entries: norm, conv."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        raise NotImplementedError("Transition is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("Transition.forward is yours to write")


class DenseNet(nn.Module):
    """(N, 3, H, W) → (N, num_classes). `blocks` holds the layers of each of four dense blocks.

    Entries: features.conv0, features.norm0, features.denseblock1.denselayer1 …, features.transition1 …,
    features.norm5, classifier.
    """

    def __init__(
        self, growth: int, blocks: list[int], stem: int, num_classes: int = 1000, compression: float = 0.5
    ) -> None:
        super().__init__()
        raise NotImplementedError("DenseNet is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("DenseNet.forward is yours to write")


def densenet121(num_classes: int = 1000) -> nn.Module:
    """DenseNet-121: 7,978,856 parameters."""
    raise NotImplementedError("densenet121 is yours to write")


def densenet161(num_classes: int = 1000) -> nn.Module:
    """DenseNet-161: 28,681,000 parameters."""
    raise NotImplementedError("densenet161 is yours to write")


def densenet169(num_classes: int = 1000) -> nn.Module:
    """DenseNet-169: 14,149,480 parameters."""
    raise NotImplementedError("densenet169 is yours to write")


def densenet201(num_classes: int = 1000) -> nn.Module:
    """DenseNet-201: 20,013,928 parameters."""
    raise NotImplementedError("densenet201 is yours to write")


# 7. ResNeXt


class Bottleneck(nn.Module):
    """(N, c_in, H, W) → (N, 4c, H', W'), H' = ceil(H / stride).

    Entries: conv1, bn1, conv2, bn2, conv3, bn3, and downsample.0, downsample.1 where needed.
    """

    expansion = 4

    def __init__(self, c_in: int, c: int, stride: int = 1, groups: int = 1, width: int = 64) -> None:
        super().__init__()
        raise NotImplementedError("Bottleneck is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("Bottleneck.forward is yours to write")


class ResNeXt(nn.Module):
    """(N, 3, H, W) → (N, num_classes), with c filters in the stem and blocks of c, 2c, 4c and 8c.

    Entries: conv1, bn1, layer1.0 …, layer2.0 …, layer3.0 …, layer4.0 …, fc.
    """

    def __init__(
        self, layers: list[int], groups: int = 32, width: int = 4, num_classes: int = 1000, c: int = 64
    ) -> None:
        super().__init__()
        raise NotImplementedError("ResNeXt is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("ResNeXt.forward is yours to write")


def resnext50_32x4d(num_classes: int = 1000) -> nn.Module:
    """ResNeXt-50 32×4d: 25,028,904 parameters."""
    raise NotImplementedError("resnext50_32x4d is yours to write")


def resnext101_32x4d(num_classes: int = 1000) -> nn.Module:
    """ResNeXt-101 32×4d: 44,177,704 parameters."""
    raise NotImplementedError("resnext101_32x4d is yours to write")


def resnext101_32x8d(num_classes: int = 1000) -> nn.Module:
    """ResNeXt-101 32×8d: 88,791,336 parameters."""
    raise NotImplementedError("resnext101_32x8d is yours to write")


# 8. Squeeze and excitation


class SqueezeExcitation(nn.Module):
    """What `block` gives, (N, channels, H, W), each map times a number of its own. Entries: block, fc1, fc2."""

    def __init__(self, block: nn.Module, channels: int, reduction: int = 16) -> None:
        super().__init__()
        raise NotImplementedError("SqueezeExcitation is yours to write")

    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("SqueezeExcitation.forward is yours to write")


def senet(
    layers: list[int],
    groups: int = 1,
    width: int = 64,
    num_classes: int = 1000,
    c: int = 64,
    reduction: int = 16,
) -> nn.Module:
    """A ResNeXt in each of whose blocks `bn3` is wrapped: entries layer1.0.bn3.block, layer1.0.bn3.fc1, …"""
    raise NotImplementedError("senet is yours to write")


def se_resnet50(num_classes: int = 1000) -> nn.Module:
    """SE-ResNet-50: 28,088,024 parameters."""
    raise NotImplementedError("se_resnet50 is yours to write")


def se_resnext50(num_classes: int = 1000) -> nn.Module:
    """SE-ResNeXt-50 32×4d: 27,559,896 parameters."""
    raise NotImplementedError("se_resnext50 is yours to write")


# 9. Which stride?


def bottleneck_multiplications(layers: list[int], groups: int, width: int, stride_in: str, size: int = 224) -> int:
    """Multiplications of a network of bottlenecks for one image size×size; `stride_in` is "1x1" or "3x3"."""
    raise NotImplementedError("bottleneck_multiplications is yours to write")


def which_stride(layers: list[int], groups: int, width: int, gflops: float) -> str:
    """Where the stride is, "1x1" or "3x3", in the network that makes so many 10⁹ multiplications."""
    raise NotImplementedError("which_stride is yours to write")


# 10. The tournament


def contender(num_classes: int = 10) -> nn.Module:
    """(N, 3, 32, 32) → (N, num_classes), with at most 300,000 parameters."""
    raise NotImplementedError("contender is yours to write")


def train(model: nn.Module, batches: Iterator[tuple[Tensor, Tensor]]) -> nn.Module:
    """Train the model and return it. len(batches) is the number of steps that you have.

    A batch is (images, labels): (50, 3, 32, 32), float32 from 0 to 1, and (50,), int64. What you print is drawn as a
    learning curve: "step 20: loss 1.41".
    """
    raise NotImplementedError("train is yours to write")
