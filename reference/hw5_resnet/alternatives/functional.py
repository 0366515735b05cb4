"""Layers as containers of weights, and the arithmetic in functions that read like the paper's formulas."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def layer(c_in, c_out, k, stride=1):
    return nn.Conv2d(c_in, c_out, (k, k), (stride, stride), (k // 2, k // 2), bias=False), nn.BatchNorm2d(c_out)


def shortcut(block, x):
    return x if block.downsample is None else block.downsample[1](block.downsample[0](x))


def projection(c_in, c_out, stride):
    return None if (c_in, 1) == (c_out, stride) else nn.ModuleList(layer(c_in, c_out, 1, stride))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, c_in, c, stride=1):
        super().__init__()
        self.conv1, self.bn1 = layer(c_in, c, 3, stride)
        self.conv2, self.bn2 = layer(c, c, 3)
        self.downsample = projection(c_in, c, stride)

    def forward(self, x):
        h = self.bn1(self.conv1(x)).clamp(min=0)
        return torch.relu(shortcut(self, x) + self.bn2(self.conv2(h)))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in, c, stride=1):
        super().__init__()
        self.conv1, self.bn1 = layer(c_in, c, 1)
        self.conv2, self.bn2 = layer(c, c, 3, stride)
        self.conv3, self.bn3 = layer(c, 4 * c, 1)
        self.downsample = projection(c_in, 4 * c, stride)

    def forward(self, x):
        h = self.bn1(self.conv1(x)).clamp(min=0)
        h = self.bn2(self.conv2(h)).clamp(min=0)
        return torch.relu(shortcut(self, x) + self.bn3(self.conv3(h)))


def stages(model, block, widths, layers, c):
    for s, (width, blocks) in enumerate(zip(widths, layers)):
        made = nn.ModuleList()
        for b in range(blocks):
            made.append(block(c, width, 1 + (s > 0 and b == 0)))
            c = width * block.expansion
        setattr(model, f"layer{s + 1}", Chain(made))
    return c


class Chain(nn.Sequential):
    def __init__(self, blocks):
        super().__init__(*blocks)


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(stages(self, block, (64, 128, 256, 512), layers, 64), num_classes)

    def forward(self, x):
        x = F.pad(torch.relu(self.bn1(self.conv1(x))), (1, 1, 1, 1), value=-math.inf)
        x = F.max_pool2d(x, 3, 2)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.fc(x.flatten(2).mean(2))


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


class ResNet20(nn.Module):
    def __init__(self, in_channels, num_classes):
        super().__init__()
        self.conv1, self.bn1 = layer(in_channels, 16, 3)
        self.fc = nn.Linear(stages(self, BasicBlock, (16, 32, 64), (3, 3, 3), 16), num_classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer3(self.layer2(self.layer1(x))).flatten(2).mean(2))


def resnet20(in_channels=3, num_classes=10):
    return ResNet20(in_channels, num_classes)


def train(model, data, budget):
    x, t = data[0] - data[0].mean(), data[1]
    model.train()
    velocity = [torch.zeros_like(p) for p in model.parameters()]
    n, batch, step = int(budget["epochs"]) + 1, 32, 0  # there is time for one more
    last = n * math.ceil(len(x) / batch)
    for _ in range(n):
        for rows in torch.randperm(len(x)).split(batch):
            rate = 0.02 * math.sin(math.pi * (step + 1) / (last + 2)) ** 2
            model.zero_grad()
            F.cross_entropy(model(x[rows] + data[0].mean()), t[rows]).backward()
            with torch.no_grad():
                for p, v in zip(model.parameters(), velocity):
                    v.mul_(0.9).add_(p.grad + 1e-4 * p)
                    p.sub_(rate * v)
            step += 1
    return model
