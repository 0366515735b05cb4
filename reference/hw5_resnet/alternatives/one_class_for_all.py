"""One base class for both blocks, one for both networks: the differences are data. ReLUs work in place where they
may."""

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    expansion = 1
    kernels = ()
    strided = 0  # which of the convolutions has the stride

    def __init__(self, c_in, c, stride=1):
        super().__init__()
        widths = [c] * (len(self.kernels) - 1) + [c * self.expansion]
        before = c_in
        for i, (k, width) in enumerate(zip(self.kernels, widths)):
            step = stride if i == self.strided else 1
            self.add_module(f"conv{i + 1}", nn.Conv2d(before, width, k, step, (k - 1) // 2, bias=False))
            self.add_module(f"bn{i + 1}", nn.BatchNorm2d(width))
            before = width
        if stride != 1 or c_in != before:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, before, 1, stride, bias=False), nn.BatchNorm2d(before))
        else:
            self.downsample = nn.Identity()

    def forward(self, x):
        y, last = x, len(self.kernels)
        for i in range(1, last + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < last:
                y = F.relu(y, inplace=True)
        y += self.downsample(x)
        return F.relu(y, inplace=True)


class BasicBlock(Block):
    kernels = (3, 3)


class Bottleneck(Block):
    expansion = 4
    kernels = (1, 3, 1)
    strided = 1


class Network(nn.Module):
    def __init__(self, block, layers, widths, stem, pooled, num_classes):
        super().__init__()
        self.conv1 = stem
        self.bn1 = nn.BatchNorm2d(stem.out_channels)
        self.pooled, self.stages, c = pooled, len(layers), stem.out_channels
        for s, (width, blocks) in enumerate(zip(widths, layers), 1):
            stage = nn.Sequential()
            for b in range(blocks):
                stage.append(block(c, width, stride=2 if s > 1 and b == 0 else 1))
                c = width * block.expansion
            self.add_module(f"layer{s}", stage)
        self.fc = nn.Linear(c, num_classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        if self.pooled:
            x = F.max_pool2d(x, 3, 2, 1)
        for s in range(1, self.stages + 1):
            x = getattr(self, f"layer{s}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class ResNet(Network):
    def __init__(self, block, layers, num_classes=1000):
        stem = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        super().__init__(block, layers, [64, 128, 256, 512], stem, True, num_classes)


def resnet18(num_classes=1000):
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes)


def resnet34(num_classes=1000):
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes)


def resnet50(num_classes=1000):
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes)


def resnet101(num_classes=1000):
    return ResNet(Bottleneck, [3, 4, 23, 3], num_classes)


def resnet152(num_classes=1000):
    return ResNet(Bottleneck, [3, 8, 36, 3], num_classes)


def resnet20(in_channels=3, num_classes=10):
    stem = nn.Conv2d(in_channels, 16, 3, 1, 1, bias=False)
    return Network(BasicBlock, [3, 3, 3], [16, 32, 64], stem, False, num_classes)


def train(model, data, budget):
    images, labels = data
    model.train()
    epochs, batch = int(budget["epochs"]), 50
    optimiser = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.02)
    steps = epochs * (len(images) // batch + 1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for epoch in range(epochs):
        for rows in torch.randperm(len(images)).split(batch):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch}: loss {loss.item():.3f}, rate {schedule.get_last_lr()[0]:.2g}")
    return model
