"""Everything that can be one is an nn.Sequential; ReLUs are modules and work in place where they may.

Tournament: SE-ResNet."""

from collections import OrderedDict
from functools import reduce

import torch
import torch.nn.functional as F
from torch import nn


def relu():
    return nn.ReLU(inplace=True)


def named(**layers):
    return nn.Sequential(OrderedDict(layers))


def one_layer(layer, shape):
    """(shape of the output, parameters, multiplications)"""
    match layer:
        case {"kind": "conv", "filters": filters, "kernel": k}:
            groups = layer.get("groups", 1)
            if any(n % groups for n in (shape[0], filters)):
                raise ValueError(f"{groups} groups of {shape[0]} channels and {filters} filters")
            sides = windows(shape, k, layer.get("stride", 1), layer.get("pad", 0))
            weights = filters * shape[0] // groups * k * k
            return (filters, *sides), weights + filters * layer.get("bias", True), weights * sides[0] * sides[1]
        case {"kind": "pool", "kernel": k}:
            return (shape[0], *windows(shape, k, layer.get("stride", k), layer.get("pad", 0))), 0, 0
        case {"kind": "fc", "neurons": n}:
            weights = n * reduce(lambda a, b: a * b, shape)
            return (n,), weights + n * layer.get("bias", True), weights
        case {"kind": "norm"}:
            return shape, shape[0] + shape[0], 0
        case {"kind": "mean"}:
            return shape[:1], 0, 0
    return shape, 0, 0


def windows(shape, kernel, stride, pad):
    found = [len(range(0, n + 2 * pad - kernel + 1, stride)) for n in shape[1:]]
    if not all(found):
        raise ValueError("no window fits")
    return found


def every_layer(stack, shape):
    for layer in stack:
        shape, learned, multiplied = one_layer(layer, shape)
        yield layer, shape, learned, multiplied


def shapes(stack, shape):
    return [tuple(made) for _, made, _, _ in every_layer(stack, shape)]


def parameters(stack, shape):
    return [int(learned) for _, _, learned, _ in every_layer(stack, shape)]


def multiplications(stack, shape):
    return [multiplied for _, _, _, multiplied in every_layer(stack, shape)]


def neurons(stack, shape):
    total = 0
    for layer, made, _, _ in every_layer(stack, shape):
        if layer["kind"] in {"conv", "fc"}:
            total += torch.Size(made).numel()
    return total


class AlexNet(nn.Sequential):
    def __init__(self, num_classes=1000, groups=2, without=(), shrink=1, dropout=0.5):
        c1, c2, c3, n = 96 // shrink, 256 // shrink, 384 // shrink, 4096 // shrink
        layers = OrderedDict(conv1=nn.Conv2d(3, c1, 11, 4), relu1=relu(), pool1=nn.MaxPool2d(3, 2))
        layers["norm1"] = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        layers.update(conv2=nn.Conv2d(c1, c2, 5, 1, 2, groups=groups), relu2=relu(), pool2=nn.MaxPool2d(3, 2))
        layers["norm2"] = nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)
        c = c2
        if 3 not in without:
            layers.update(conv3=nn.Conv2d(c, c3, 3, 1, 1), relu3=relu())
            c = c3
        if 4 not in without:
            layers.update(conv4=nn.Conv2d(c, c3, 3, 1, 1, groups=groups), relu4=relu())
            c = c3
        layers.update(conv5=nn.Conv2d(c, c2, 3, 1, 1, groups=groups), relu5=relu(), pool5=nn.MaxPool2d(3, 2))
        layers["flatten"], c = nn.Flatten(), 36 * c2
        for number in (6, 7):
            if number not in without:
                layers[f"fc{number}"], c = nn.Linear(c, n), n
                layers[f"relu{number}"], layers[f"drop{number}"] = relu(), nn.Dropout(dropout, inplace=True)
        super().__init__(OrderedDict(layers, fc8=nn.Linear(c, num_classes)))


class VGG(nn.Module):
    def __init__(self, config, num_classes=1000, hidden=4096, dropout=0.5):
        super().__init__()
        filters = [3, *(entry for entry in config if entry != "M")]
        pairs = iter(zip(filters, filters[1:]))
        layers = []
        for entry in config:
            layers += [nn.MaxPool2d(2, 2)] if entry == "M" else [nn.Conv2d(*next(pairs), 3, 1, 1), relu()]
        self.features, self.pool = nn.Sequential(*layers), nn.AdaptiveAvgPool2d((7, 7))
        first = [nn.Linear(7 * 7 * filters[-1], hidden), relu(), nn.Dropout(dropout)]
        second = [nn.Linear(hidden, hidden), relu(), nn.Dropout(dropout)]
        self.classifier = nn.Sequential(*first, *second, nn.Linear(hidden, num_classes))

    def forward(self, x):
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


A = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
B = [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
D = [64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3, "M"]
E = [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"]


def vgg11(num_classes=1000):
    return VGG(A, num_classes)


def vgg13(num_classes=1000):
    return VGG(B, num_classes)


def vgg16(num_classes=1000):
    return VGG(D, num_classes)


def vgg19(num_classes=1000):
    return VGG(E, num_classes)


class Inception(nn.Module):
    def __init__(self, c_in, c1, r3, c3, r5, c5, proj):
        super().__init__()
        self.conv1, self.project = nn.Conv2d(c_in, c1, 1), nn.Conv2d(c_in, proj, 1)
        self.reduce3, self.conv3 = nn.Conv2d(c_in, r3, 1), nn.Conv2d(r3, c3, 3, padding="same")
        self.reduce5, self.conv5 = nn.Conv2d(c_in, r5, 1), nn.Conv2d(r5, c5, 5, padding="same")

    def forward(self, x):
        one = F.relu(self.conv1(x), inplace=True)
        three = F.relu(self.conv3(F.relu(self.reduce3(x), inplace=True)), inplace=True)
        five = F.relu(self.conv5(F.relu(self.reduce5(x), inplace=True)), inplace=True)
        padded = F.pad(x, (1, 1, 1, 1), value=-torch.inf)
        pooled = F.relu(self.project(F.max_pool2d(padded, 3, 1)), inplace=True)
        return torch.cat((one, three, five, pooled), -3)


class GoogLeNet(nn.Module):
    def __init__(self, num_classes=1000, shrink=1, dropout=0.4, aux_dropout=0.7):
        super().__init__()

        def module(c_in, *widths):
            return Inception(c_in // shrink, *(width // shrink for width in widths))

        def head(c_in):
            conv = nn.Conv2d(c_in // shrink, 128 // shrink, 1)
            fc1 = nn.Linear(2048 // shrink, 1024 // shrink)
            first = {"pool": nn.AvgPool2d(5, 3), "conv": conv, "relu1": relu(), "flatten": nn.Flatten(), "fc1": fc1}
            return named(
                **first, relu2=relu(), drop=nn.Dropout(aux_dropout), fc2=nn.Linear(1024 // shrink, num_classes)
            )

        self.conv1 = nn.Conv2d(3, 64 // shrink, 7, 2, 3)
        self.reduce2 = nn.Conv2d(64 // shrink, 64 // shrink, 1)
        self.conv2 = nn.Conv2d(64 // shrink, 192 // shrink, 3, 1, 1)
        self.inception3a = module(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = module(256, 128, 128, 192, 32, 96, 64)
        self.inception4a = module(480, 192, 96, 208, 16, 48, 64)
        self.aux4a = head(512)
        self.inception4b = module(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = module(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = module(512, 112, 144, 288, 32, 64, 64)
        self.aux4d = head(528)
        self.inception4e = module(528, 256, 160, 320, 32, 128, 128)
        self.inception5a = module(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = module(832, 384, 192, 384, 48, 128, 128)
        self.fc = nn.Linear(1024 // shrink, num_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        def pool(x):
            return F.max_pool2d(x, 3, 2, ceil_mode=True)

        def normed(x):
            return F.local_response_norm(x, 5, 5e-4, 0.75, 2.0)

        x = normed(pool(F.relu(self.conv1(x))))
        x = pool(normed(F.relu(self.conv2(F.relu(self.reduce2(x))))))
        x = pool(self.inception3b(self.inception3a(x)))
        early = x = self.inception4a(x)
        late = x = self.inception4d(self.inception4c(self.inception4b(x)))
        x = self.inception5b(self.inception5a(pool(self.inception4e(x))))
        y = self.fc(self.dropout(F.adaptive_avg_pool2d(x, 1).flatten(1)))
        if not self.training:
            return y
        return y, self.aux4a(early), self.aux4d(late)


class DenseLayer(nn.Sequential):
    def __init__(self, c_in, growth, bottleneck=4):
        inner = growth * bottleneck
        layers = OrderedDict(norm1=nn.BatchNorm2d(c_in), relu1=relu(), conv1=nn.Conv2d(c_in, inner, 1, bias=False))
        layers.update(norm2=nn.BatchNorm2d(inner), relu2=relu())
        layers.update(conv2=nn.Conv2d(inner, growth, 3, 1, 1, bias=False))
        super().__init__(layers)

    def forward(self, x):
        return torch.cat([x, super().forward(x)], 1)


class Transition(nn.Sequential):
    def __init__(self, c_in, c_out):
        conv = nn.Conv2d(c_in, c_out, 1, bias=False)
        super().__init__(OrderedDict(norm=nn.BatchNorm2d(c_in), relu=relu(), conv=conv, pool=nn.AvgPool2d(2)))


class DenseNet(nn.Module):
    def __init__(self, growth, blocks, stem, num_classes=1000, compression=0.5):
        super().__init__()
        first = nn.Conv2d(3, stem, 7, 2, 3, bias=False)
        layers = OrderedDict(conv0=first, norm0=nn.BatchNorm2d(stem), relu0=relu(), pool0=nn.MaxPool2d(3, 2, 1))
        c = stem
        for b, count in enumerate(blocks, 1):
            block = {f"denselayer{i}": DenseLayer(c + (i - 1) * growth, growth) for i in range(1, count + 1)}
            layers[f"denseblock{b}"], c = named(**block), c + count * growth
            if b != len(blocks):
                layers[f"transition{b}"] = Transition(c, int(compression * c))
                c = int(compression * c)
        self.features = nn.Sequential(OrderedDict(layers, norm5=nn.BatchNorm2d(c), relu5=relu()))
        self.classifier = nn.Linear(c, num_classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean(3).mean(2))


def densenet121(num_classes=1000):
    return DenseNet(32, [6, 12, 24, 16], 64, num_classes=num_classes)


def densenet161(num_classes=1000):
    return DenseNet(48, [6, 12, 36, 24], 96, num_classes=num_classes)


def densenet169(num_classes=1000):
    return DenseNet(32, [6, 12, 32, 32], 64, num_classes=num_classes)


def densenet201(num_classes=1000):
    return DenseNet(32, [6, 12, 48, 32], 64, num_classes=num_classes)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in, c, stride=1, groups=1, width=64):
        super().__init__()
        d = groups * (c * width // 64)
        self.conv1, self.bn1 = nn.Conv2d(c_in, d, 1, bias=False), nn.BatchNorm2d(d)
        self.conv2, self.bn2 = nn.Conv2d(d, d, 3, stride, 1, 1, groups, bias=False), nn.BatchNorm2d(d)
        self.conv3, self.bn3 = nn.Conv2d(d, c * 4, 1, bias=False), nn.BatchNorm2d(c * 4)
        self.downsample = nn.Sequential()
        if stride > 1 or c_in != c * 4:
            self.downsample.extend([nn.Conv2d(c_in, c * 4, 1, stride, bias=False), nn.BatchNorm2d(c * 4)])

    def forward(self, x):
        y = F.relu_(self.bn1(self.conv1(x)))
        y = F.relu_(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y = y + self.downsample(x)
        return F.relu_(y)


class ResNeXt(nn.Module):
    def __init__(self, layers, groups=32, width=4, num_classes=1000, c=64):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, c, 7, 2, 3, bias=False), nn.BatchNorm2d(c)

        def stage(c_in, inner, count, stride):
            rest = [Bottleneck(4 * inner, inner, 1, groups, width) for _ in range(1, count)]
            return nn.Sequential(Bottleneck(c_in, inner, stride, groups, width), *rest)

        self.layer1 = stage(c, c, layers[0], 1)
        self.layer2 = stage(4 * c, 2 * c, layers[1], 2)
        self.layer3 = stage(8 * c, 4 * c, layers[2], 2)
        self.layer4 = stage(16 * c, 8 * c, layers[3], 2)
        self.fc = nn.Linear(32 * c, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu_(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.fc(x.flatten(2).mean(2))


def resnext50_32x4d(num_classes=1000):
    return ResNeXt([3, 4, 6, 3], 32, 4, num_classes)


def resnext101_32x4d(num_classes=1000):
    return ResNeXt([3, 4, 23, 3], 32, 4, num_classes)


def resnext101_32x8d(num_classes=1000):
    return ResNeXt([3, 4, 23, 3], 32, 8, num_classes)


class SqueezeExcitation(nn.Module):
    def __init__(self, block, channels, reduction=16):
        super().__init__()
        self.block = block
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.fc2 = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        y = self.block(x)
        n, c = y.shape[:2]
        s = self.fc2(F.relu(self.fc1(y.reshape(n, c, -1).mean(-1)))).sigmoid()
        return y * s.view(n, c, 1, 1)


def senet(layers, groups=1, width=64, num_classes=1000, c=64, reduction=16):
    model = ResNeXt(layers, groups, width, num_classes, c)
    for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
        for block in stage:
            block.bn3 = SqueezeExcitation(block.bn3, block.bn3.weight.numel(), reduction)
    return model


def se_resnet50(num_classes=1000):
    return senet([3, 4, 6, 3], 1, 64, num_classes)


def se_resnext50(num_classes=1000):
    return senet([3, 4, 6, 3], 32, 4, num_classes)


def bottleneck_multiplications(layers, groups, width, stride_in, size=224):
    """One description of the whole network, and of its projections beside it."""

    def conv(filters, kernel, stride=1, groups=1):
        options = {"stride": stride, "pad": (kernel - 1) // 2, "groups": groups, "bias": False}
        return {"kind": "conv", "filters": filters, "kernel": kernel, **options}

    stack = [conv(64, 7, 2), {"kind": "pool", "kernel": 3, "stride": 2, "pad": 1}]
    projections = []  # (how many layers come before it, itself)
    for s in range(4):
        for b in range(layers[s]):
            stride = 1 + (b == 0 and s != 0)
            if b == 0:
                projections.append((len(stack), conv(256 << s, 1, stride)))
            strides = (stride, 1) if stride_in == "1x1" else (1, stride)
            inner = (width * groups) << s
            stack += [conv(inner, 1, strides[0]), conv(inner, 3, strides[1], groups), conv(256 << s, 1)]
    stack += [{"kind": "mean"}, {"kind": "fc", "neurons": 1000}]
    image = (3, size, size)
    sizes, total = shapes(stack, image), sum(multiplications(stack, image))
    return total + sum(sum(multiplications([layer], sizes[i - 1])) for i, layer in projections)


def which_stride(layers, groups, width, gflops):
    found = {place: bottleneck_multiplications(layers, groups, width, place) for place in ("1x1", "3x3")}
    return sorted(found, key=lambda place: abs(found[place] - gflops * 1e9))[0]


class Block(nn.Sequential):
    """Two convolutions and what they are given, recalibrated."""

    def __init__(self, c):
        first = [nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c), relu()]
        second = [nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c)]
        super().__init__(*first, SqueezeExcitation(nn.Sequential(*second), c, 8))

    def forward(self, x):
        return F.relu(super().forward(x) + x)


def contender(num_classes=10):
    layers, c = [], 3
    for width, blocks in ((16, 0), (32, 0), (72, 1), (80, 1)):
        layers += [nn.Conv2d(c, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), relu()]
        layers += [*(Block(width) for _ in range(blocks)), nn.MaxPool2d(2)]
        c = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, num_classes))


def train(model, batches):
    optimiser = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps=len(batches), pct_start=0.3)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for images, labels in batches:
        optimiser.zero_grad()
        criterion(model(images), labels).backward()
        optimiser.step()
        schedule.step()
    return model
