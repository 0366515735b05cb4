"""The architectures after ResNet, and before: the model answer.

Krizhevsky et al. 2012 (AlexNet), Simonyan and Zisserman 2015 (VGG), Szegedy et al. 2015 (GoogLeNet), Huang et al. 2017
(DenseNet), Xie et al. 2017 (ResNeXt), Hu et al. 2018 (Squeeze-and-Excitation).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Layer = dict[str, Any]
Shape = tuple[int, ...]

RATE = 0.1  # of the tournament's training

# --- counting ---------------------------------------------------------------------------------------------------------


def _side(n: int, layer: Layer, stride: int) -> int:
    """How often a window of the layer fits into n pixels."""
    room = n + 2 * layer.get("pad", 0) - layer["kernel"]
    if room < 0:
        raise ValueError(f"a kernel of {layer['kernel']} does not fit into {n} pixels and their padding")
    return room // stride + 1


def _output(layer: Layer, shape: Shape) -> Shape:
    kind = layer["kind"]
    if kind == "conv":
        groups = layer.get("groups", 1)
        if shape[0] % groups or layer["filters"] % groups:
            raise ValueError(f"{shape[0]} channels and {layer['filters']} filters are not {groups} equal groups")
        return (layer["filters"], *(_side(n, layer, layer.get("stride", 1)) for n in shape[1:]))
    if kind == "pool":
        return (shape[0], *(_side(n, layer, layer.get("stride", layer["kernel"])) for n in shape[1:]))
    if kind == "mean":
        return shape[:1]
    if kind == "fc":
        return (layer["neurons"],)
    return shape


def shapes(stack: list[Layer], shape: Shape) -> list[Shape]:
    """What each layer gives."""
    found = []
    for layer in stack:
        shape = _output(layer, shape)
        found.append(shape)
    return found


def _weights(layer: Layer, shape: Shape) -> int:
    """Without biases; `shape` is the layer's input."""
    if layer["kind"] == "conv":
        return layer["filters"] * (shape[0] // layer.get("groups", 1)) * layer["kernel"] ** 2
    if layer["kind"] == "fc":
        return layer["neurons"] * math.prod(shape)
    return 0


def parameters(stack: list[Layer], shape: Shape) -> list[int]:
    """What each layer learns."""
    counts = []
    for layer, given, made in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        has_bias = layer["kind"] in ("conv", "fc") and layer.get("bias", True)
        count = 2 * given[0] if layer["kind"] == "norm" else _weights(layer, given)
        counts.append(count + has_bias * made[0])
    return counts


def multiplications(stack: list[Layer], shape: Shape) -> list[int]:
    """Each weight of a convolution multiplies once for each pixel of the output, each of a linear layer once."""
    counts = []
    for layer, given, made in zip(stack, [shape, *shapes(stack, shape)], shapes(stack, shape), strict=False):
        counts.append(_weights(layer, given) * math.prod(made[1:]))
    return counts


def neurons(stack: list[Layer], shape: Shape) -> int:
    """Outputs of the layers that have weights, as AlexNet's authors count."""
    made = shapes(stack, shape)
    return sum(math.prod(one) for layer, one in zip(stack, made, strict=True) if layer["kind"] in ("conv", "fc"))


# --- AlexNet ----------------------------------------------------------------------------------------------------------


def _response_norm() -> nn.LocalResponseNorm:
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)


class AlexNet(nn.Module):
    """The slide's, for images of 227×227. Layers 3, 4, 6 and 7 may be left out."""

    def __init__(
        self,
        num_classes: int = 1000,
        groups: int = 2,
        without: Iterable[int] = (),
        shrink: int = 1,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.without = frozenset(without)
        self.norm, self.dropout = _response_norm(), nn.Dropout(dropout)
        c = 96 // shrink
        self.conv1 = nn.Conv2d(3, c, 11, stride=4)
        self.conv2, c = nn.Conv2d(c, 256 // shrink, 5, padding=2, groups=groups), 256 // shrink
        if 3 not in self.without:
            self.conv3, c = nn.Conv2d(c, 384 // shrink, 3, padding=1), 384 // shrink
        if 4 not in self.without:
            self.conv4, c = nn.Conv2d(c, 384 // shrink, 3, padding=1, groups=groups), 384 // shrink
        self.conv5 = nn.Conv2d(c, 256 // shrink, 3, padding=1, groups=groups)
        n = 256 // shrink * 6 * 6
        if 6 not in self.without:
            self.fc6, n = nn.Linear(n, 4096 // shrink), 4096 // shrink
        if 7 not in self.without:
            self.fc7, n = nn.Linear(n, 4096 // shrink), 4096 // shrink
        self.fc8 = nn.Linear(n, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        for number in (1, 2):
            x = F.relu(self.get_submodule(f"conv{number}")(x))
            x = self.norm(F.max_pool2d(x, 3, stride=2))
        for number in (3, 4, 5):
            if number not in self.without:
                x = F.relu(self.get_submodule(f"conv{number}")(x))
        x = F.max_pool2d(x, 3, stride=2).flatten(1)
        for number in (6, 7):
            if number not in self.without:
                x = self.dropout(F.relu(self.get_submodule(f"fc{number}")(x)))
        return self.fc8(x)


# --- VGG --------------------------------------------------------------------------------------------------------------


def _vgg_config(counts: list[int]) -> list[int | str]:
    """So many convolutions in each of the five stages, with a pooling after each."""
    config: list[int | str] = []
    for filters, count in zip([64, 128, 256, 512, 512], counts, strict=True):
        config += [filters] * count + ["M"]
    return config


class VGG(nn.Module):
    """3×3 convolutions and poolings by a configuration, and three linear layers."""

    def __init__(
        self, config: list[int | str], num_classes: int = 1000, hidden: int = 4096, dropout: float = 0.5
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        c = 3
        for entry in config:
            if entry == "M":
                layers.append(nn.MaxPool2d(2, stride=2))
            else:
                layers += [nn.Conv2d(c, int(entry), 3, padding=1), nn.ReLU(inplace=True)]
                c = int(entry)
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(c * 7 * 7, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg11(num_classes: int = 1000) -> nn.Module:
    return VGG(_vgg_config([1, 1, 2, 2, 2]), num_classes)


def vgg13(num_classes: int = 1000) -> nn.Module:
    return VGG(_vgg_config([2, 2, 2, 2, 2]), num_classes)


def vgg16(num_classes: int = 1000) -> nn.Module:
    return VGG(_vgg_config([2, 2, 3, 3, 3]), num_classes)


def vgg19(num_classes: int = 1000) -> nn.Module:
    return VGG(_vgg_config([2, 2, 4, 4, 4]), num_classes)


# --- GoogLeNet --------------------------------------------------------------------------------------------------------


class Inception(nn.Module):
    """Four branches side by side: 1×1; 1×1 and 3×3; 1×1 and 5×5; pooling and 1×1."""

    def __init__(self, c_in: int, c1: int, r3: int, c3: int, r5: int, c5: int, proj: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c1, 1)
        self.reduce3 = nn.Conv2d(c_in, r3, 1)
        self.conv3 = nn.Conv2d(r3, c3, 3, padding=1)
        self.reduce5 = nn.Conv2d(c_in, r5, 1)
        self.conv5 = nn.Conv2d(r5, c5, 5, padding=2)
        self.project = nn.Conv2d(c_in, proj, 1)

    def forward(self, x: Tensor) -> Tensor:
        branches = [
            self.conv1(x),
            self.conv3(F.relu(self.reduce3(x))),
            self.conv5(F.relu(self.reduce5(x))),
            self.project(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, 1))


# 1×1, before 3×3, 3×3, before 5×5, 5×5, behind the pooling: table 1 of the paper
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


class _Auxiliary(nn.Module):
    """A classifier half-way, which gives the layers before it a gradient of their own."""

    def __init__(self, c_in: int, num_classes: int, shrink: int, dropout: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, 128 // shrink, 1)
        self.fc1 = nn.Linear(128 // shrink * 4 * 4, 1024 // shrink)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(1024 // shrink, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv(F.avg_pool2d(x, 5, stride=3)))
        return self.fc2(self.dropout(F.relu(self.fc1(x.flatten(1)))))


class GoogLeNet(nn.Module):
    """22 layers with weights, for images of 224×224. In training it gives three scores, in evaluation one."""

    def __init__(
        self, num_classes: int = 1000, shrink: int = 1, dropout: float = 0.4, aux_dropout: float = 0.7
    ) -> None:
        super().__init__()
        self.norm, self.dropout = _response_norm(), nn.Dropout(dropout)
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv1 = nn.Conv2d(3, 64 // shrink, 7, stride=2, padding=3)
        self.reduce2 = nn.Conv2d(64 // shrink, 64 // shrink, 1)
        self.conv2 = nn.Conv2d(64 // shrink, 192 // shrink, 3, padding=1)
        c = 192 // shrink
        for name, widths in INCEPTIONS.items():
            c1, r3, c3, r5, c5, proj = (width // shrink for width in widths)
            self.add_module(f"inception{name}", Inception(c, c1, r3, c3, r5, c5, proj))
            c = c1 + c3 + c5 + proj
            if name in ("4a", "4d"):
                self.add_module(f"aux{name}", _Auxiliary(c, num_classes, shrink, aux_dropout))
        self.fc = nn.Linear(c, num_classes)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = self.norm(self.pool(F.relu(self.conv1(x))))
        x = F.relu(self.conv2(F.relu(self.reduce2(x))))
        x = self.pool(self.norm(x))
        auxiliary = []
        for name in INCEPTIONS:
            x = self.get_submodule(f"inception{name}")(x)
            if name in ("3b", "4e"):
                x = self.pool(x)
            if self.training and name in ("4a", "4d"):
                auxiliary.append(self.get_submodule(f"aux{name}")(x))
        scores = self.fc(self.dropout(x.mean((2, 3))))
        return (scores, *auxiliary) if self.training else scores


# --- DenseNet ---------------------------------------------------------------------------------------------------------


class DenseLayer(nn.Module):
    """Appends `growth` channels to what it is given."""

    def __init__(self, c_in: int, growth: int, bottleneck: int = 4) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(c_in)
        self.conv1 = nn.Conv2d(c_in, bottleneck * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bottleneck * growth)
        self.conv2 = nn.Conv2d(bottleneck * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        new = self.conv1(F.relu(self.norm1(x)))
        new = self.conv2(F.relu(self.norm2(new)))
        return torch.cat([x, new], 1)


class Transition(nn.Module):
    """Fewer channels, and half the image."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(c_in)
        self.conv = nn.Conv2d(c_in, c_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(self.conv(F.relu(self.norm(x))), 2, stride=2)


class DenseNet(nn.Module):
    """A stem, dense blocks with a transition between any two, and the mean."""

    def __init__(
        self, growth: int, blocks: list[int], stem: int, num_classes: int = 1000, compression: float = 0.5
    ) -> None:
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(3, stem, 7, stride=2, padding=3, bias=False))
        self.features.add_module("norm0", nn.BatchNorm2d(stem))
        self.features.add_module("relu0", nn.ReLU(inplace=True))
        self.features.add_module("pool0", nn.MaxPool2d(3, stride=2, padding=1))
        c = stem
        for b, layers in enumerate(blocks, 1):
            block = nn.Sequential()
            for i in range(layers):
                block.add_module(f"denselayer{i + 1}", DenseLayer(c, growth))
                c += growth
            self.features.add_module(f"denseblock{b}", block)
            if b < len(blocks):
                fewer = int(c * compression)
                self.features.add_module(f"transition{b}", Transition(c, fewer))
                c = fewer
        self.features.add_module("norm5", nn.BatchNorm2d(c))
        self.classifier = nn.Linear(c, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(F.relu(self.features(x)).mean((2, 3)))


def densenet121(num_classes: int = 1000) -> nn.Module:
    return DenseNet(32, [6, 12, 24, 16], 64, num_classes)


def densenet161(num_classes: int = 1000) -> nn.Module:
    return DenseNet(48, [6, 12, 36, 24], 96, num_classes)


def densenet169(num_classes: int = 1000) -> nn.Module:
    return DenseNet(32, [6, 12, 32, 32], 64, num_classes)


def densenet201(num_classes: int = 1000) -> nn.Module:
    return DenseNet(32, [6, 12, 48, 32], 64, num_classes)


# --- ResNeXt ----------------------------------------------------------------------------------------------------------


class Bottleneck(nn.Module):
    """ResNet's bottleneck with the 3×3 convolution in groups: one block for both families."""

    expansion = 4

    def __init__(self, c_in: int, c: int, stride: int = 1, groups: int = 1, width: int = 64) -> None:
        super().__init__()
        inner, c_out = c * width // 64 * groups, c * self.expansion
        self.conv1 = nn.Conv2d(c_in, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, c_out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(c_out)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False),
                nn.BatchNorm2d(c_out),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class ResNeXt(nn.Module):
    """Stem, four stages with c, 2c, 4c and 8c, the mean, a linear layer. With one group 64 wide it is a ResNet."""

    def __init__(
        self, layers: list[int], groups: int = 32, width: int = 4, num_classes: int = 1000, c: int = 64
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, c, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        c_in = c
        for s, blocks in enumerate(layers):
            stage = nn.Sequential()
            for b in range(blocks):
                stride = 2 if s > 0 and b == 0 else 1
                stage.append(Bottleneck(c_in, c * 2**s, stride, groups, width))
                c_in = c * 2**s * 4
            self.add_module(f"layer{s + 1}", stage)
        self.fc = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def resnext50_32x4d(num_classes: int = 1000) -> nn.Module:
    return ResNeXt([3, 4, 6, 3], 32, 4, num_classes)


def resnext101_32x4d(num_classes: int = 1000) -> nn.Module:
    return ResNeXt([3, 4, 23, 3], 32, 4, num_classes)


def resnext101_32x8d(num_classes: int = 1000) -> nn.Module:
    return ResNeXt([3, 4, 23, 3], 32, 8, num_classes)


# --- Squeeze and excitation -------------------------------------------------------------------------------------------


class SqueezeExcitation(nn.Module):
    """Wraps a module that gives `channels` maps: each map is multiplied by a number from 0 to 1, made from all maps."""

    def __init__(self, block: nn.Module, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.block = block
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.fc2 = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        s = torch.sigmoid(self.fc2(F.relu(self.fc1(y.mean((2, 3))))))
        return y * s[:, :, None, None]


def senet(
    layers: list[int],
    groups: int = 1,
    width: int = 64,
    num_classes: int = 1000,
    c: int = 64,
    reduction: int = 16,
) -> nn.Module:
    """A ResNeXt in whose blocks the last normalisation is wrapped: what is recalibrated is what the block adds."""
    model = ResNeXt(layers, groups, width, num_classes, c)
    for s in range(4):
        for block in model.get_submodule(f"layer{s + 1}").children():
            block.bn3 = SqueezeExcitation(block.bn3, c * 2**s * 4, reduction)
    return model


def se_resnet50(num_classes: int = 1000) -> nn.Module:
    return senet([3, 4, 6, 3], 1, 64, num_classes)


def se_resnext50(num_classes: int = 1000) -> nn.Module:
    return senet([3, 4, 6, 3], 32, 4, num_classes)


# --- Which stride? ----------------------------------------------------------------------------------------------------


def _conv(filters: int, kernel: int, stride: int = 1, groups: int = 1) -> Layer:
    return {
        "kind": "conv",
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "pad": kernel // 2,
        "groups": groups,
    }


def bottleneck_multiplications(layers: list[int], groups: int, width: int, stride_in: str, size: int = 224) -> int:
    """Of a ResNet or ResNeXt of bottlenecks on an image size×size, with the stride in the "1x1" or in the "3x3"."""
    stem = [_conv(64, 7, 2), {"kind": "pool", "kernel": 3, "stride": 2, "pad": 1}]
    total, shape = sum(multiplications(stem, (3, size, size))), shapes(stem, (3, size, size))[-1]
    for s, blocks in enumerate(layers):
        inner, c_out = 2**s * width * groups, 256 * 2**s
        for b in range(blocks):
            stride = 2 if s > 0 and b == 0 else 1
            first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
            block = [_conv(inner, 1, first), _conv(inner, 3, second, groups), _conv(c_out, 1)]
            total += sum(multiplications(block, shape))
            if b == 0:  # the projection
                total += sum(multiplications([_conv(c_out, 1, stride)], shape))
            shape = shapes(block, shape)[-1]
    return total + sum(multiplications([{"kind": "mean"}, {"kind": "fc", "neurons": 1000}], shape))


def which_stride(layers: list[int], groups: int, width: int, gflops: float) -> str:
    """Where the network has its stride of which a paper says that it takes so many 10⁹ multiplications."""
    return min(
        ("1x1", "3x3"),
        key=lambda place: abs(bottleneck_multiplications(layers, groups, width, place) / 1e9 - gflops),
    )


# --- The tournament ---------------------------------------------------------------------------------------------------


class _Residual(nn.Module):
    """The basic block of homework 5, without a stride."""

    def __init__(self, c_in: int, c: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)
        self.conv2, self.bn2 = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)
        self.shortcut = nn.Sequential(nn.Conv2d(c_in, c, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def contender(num_classes: int = 10) -> nn.Module:
    """A small residual network for images of 32×32."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        _Residual(32, 64),
        nn.MaxPool2d(2),
        _Residual(64, 96),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(96, num_classes),
    )


def train(model: nn.Module, batches: Any) -> nn.Module:
    """One step per batch, with momentum; the step rises in the first quarter of the way and then falls to nothing."""
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=len(batches), pct_start=0.25)
    model.train()
    for step, (images, labels) in enumerate(batches, 1):
        loss = F.cross_entropy(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"step {step}: loss {loss.item():.3f}")
    return model
