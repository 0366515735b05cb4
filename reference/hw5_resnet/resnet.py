"""Residual networks: the model answer. He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.

A block does not learn what comes out, but what is to be added to what came in. Where both have the same shape the way
past the block (the shortcut) is the identity; where they have not, it is a 1×1 convolution with batch normalisation.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH, RATE = 32, 0.05  # of the training


def _conv(c_in: int, c_out: int, k: int, stride: int = 1) -> nn.Conv2d:
    """A k×k convolution that keeps the size, but for its stride. No bias: the batch normalisation behind it has one."""
    return nn.Conv2d(c_in, c_out, k, stride, padding=k // 2, bias=False)


def _shortcut(c_in: int, c_out: int, stride: int) -> nn.Sequential | None:
    """What the input needs to be added to the output; None where it fits as it is."""
    if stride == 1 and c_in == c_out:
        return None
    return nn.Sequential(_conv(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))


class BasicBlock(nn.Module):
    """relu(x' + bn(conv3×3(relu(bn(conv3×3(x)))))), the first convolution with the stride. ResNet-18 and -34."""

    expansion = 1

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _conv(c_in, c, 3, stride)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = _conv(c, c, 3)
        self.bn2 = nn.BatchNorm2d(c)
        self.downsample = _shortcut(c_in, c, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """1×1 down to c channels, 3×3 with the stride, 1×1 up to 4c: a deep block for little. ResNet-50, -101 and -152."""

    expansion = 4

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _conv(c_in, c, 1)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = _conv(c, c, 3, stride)
        self.bn2 = nn.BatchNorm2d(c)
        self.conv3 = _conv(c, c * self.expansion, 1)
        self.bn3 = nn.BatchNorm2d(c * self.expansion)
        self.downsample = _shortcut(c_in, c * self.expansion, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def _stage(block: type[nn.Module], c_in: int, c: int, blocks: int, stride: int) -> nn.Sequential:
    """Blocks one after another: only the first changes the size and the number of channels."""
    first = block(c_in, c, stride)
    return nn.Sequential(first, *(block(c * block.expansion, c) for _ in range(blocks - 1)))


class ResNet(nn.Module):
    """The network for ImageNet: a stem that shrinks the image to a quarter, four stages, their mean, a linear layer."""

    def __init__(self, block: type[nn.Module], layers: list[int], num_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        e = block.expansion
        self.layer1 = _stage(block, 64, 64, layers[0], 1)
        self.layer2 = _stage(block, 64 * e, 128, layers[1], 2)
        self.layer3 = _stage(block, 128 * e, 256, layers[2], 2)
        self.layer4 = _stage(block, 256 * e, 512, layers[3], 2)
        self.fc = nn.Linear(512 * e, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def resnet18(num_classes: int = 1000) -> nn.Module:
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes)


def resnet34(num_classes: int = 1000) -> nn.Module:
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes)


def resnet50(num_classes: int = 1000) -> nn.Module:
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes)


def resnet101(num_classes: int = 1000) -> nn.Module:
    return ResNet(Bottleneck, [3, 4, 23, 3], num_classes)


def resnet152(num_classes: int = 1000) -> nn.Module:
    return ResNet(Bottleneck, [3, 8, 36, 3], num_classes)


class SmallResNet(nn.Module):
    """The paper's network for CIFAR-10 (section 4.2): no pooling in the stem, three stages of 16, 32, 64 channels."""

    def __init__(self, blocks: int, in_channels: int, num_classes: int) -> None:
        super().__init__()
        self.conv1 = _conv(in_channels, 16, 3)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = _stage(BasicBlock, 16, 16, blocks, 1)
        self.layer2 = _stage(BasicBlock, 16, 32, blocks, 2)
        self.layer3 = _stage(BasicBlock, 32, 64, blocks, 2)
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def resnet20(in_channels: int = 3, num_classes: int = 10) -> nn.Module:
    """6 · 3 + 2 layers with weights."""
    return SmallResNet(3, in_channels, num_classes)


def _optimisation(
    model: nn.Module, epochs: int, images: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Momentum, and a step that rises in the first fifth of the way and then falls to nothing."""
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    steps = epochs * -(-images // BATCH)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=RATE, total_steps=steps, pct_start=0.2)


def train(model: nn.Module, data: tuple[Tensor, Tensor], budget: dict[str, float]) -> nn.Module:
    """Stochastic gradient descent in batches of a new order in each epoch."""
    images, labels = data
    model.train()
    optimiser, schedule = _optimisation(model, int(budget["epochs"]), len(images))
    for epoch in range(int(budget["epochs"])):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    return model
