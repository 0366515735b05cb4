"""Tables and loops: counting is one walk over the stack, and each network is a table with one loop. Tournament: VGG."""

import torch
from torch import nn


def walk(stack, shape):
    """(shape, parameters, multiplications, neurons) of each layer."""
    rows = []
    for layer in stack:
        kind, learned, multiplied, count = layer["kind"], 0, 0, 0
        if kind in ("conv", "pool"):
            k, pad = layer["kernel"], layer.get("pad", 0)
            stride = layer.get("stride", 1 if kind == "conv" else k)
            for n in shape[1:]:
                if n + 2 * pad < k:
                    raise ValueError("the kernel is larger than the image")
            c, h, w = shape[0], *((n + 2 * pad - k + stride) // stride for n in shape[1:])
            if kind == "conv":
                g, filters = layer.get("groups", 1), layer["filters"]
                if c % g or filters % g:
                    raise ValueError("the groups are not equal")
                learned = k * k * (c // g) * filters
                multiplied = learned * h * w
                learned += filters if layer.get("bias", True) else 0
                c, count = filters, filters * h * w
            shape = (c, h, w)
        elif kind == "norm":
            learned = 2 * shape[0]
        elif kind == "mean":
            shape = (shape[0],)
        elif kind == "fc":
            given, count = 1, layer["neurons"]
            for n in shape:
                given *= n
            multiplied = given * count
            learned = multiplied + (count if layer.get("bias", True) else 0)
            shape = (count,)
        rows.append((shape, learned, multiplied, count))
    return rows


def shapes(stack, shape):
    return [row[0] for row in walk(stack, shape)]


def parameters(stack, shape):
    return [row[1] for row in walk(stack, shape)]


def multiplications(stack, shape):
    return [row[2] for row in walk(stack, shape)]


def neurons(stack, shape):
    return sum(row[3] for row in walk(stack, shape))


class AlexNet(nn.Module):
    # number: filters or neurons, kernel, stride, padding, whether in groups, whether pooled, whether normalised
    TABLE = {
        1: (96, 11, 4, 0, False, True, True),
        2: (256, 5, 1, 2, True, True, True),
        3: (384, 3, 1, 1, False, False, False),
        4: (384, 3, 1, 1, True, False, False),
        5: (256, 3, 1, 1, True, True, False),
        6: (4096,),
        7: (4096,),
    }

    def __init__(self, num_classes=1000, groups=2, without=(), shrink=1, dropout=0.5):
        super().__init__()
        self.steps, c = [], 3
        for number, (width, *conv) in self.TABLE.items():
            if number in without:
                continue
            width //= shrink
            if conv:
                k, stride, pad, in_groups, pooled, normalised = conv
                self.add_module(f"conv{number}", nn.Conv2d(c, width, k, stride, pad, groups=groups if in_groups else 1))
                self.steps.append((f"conv{number}", pooled, normalised))
            else:
                before = c if c != 256 // shrink or any(s[0].startswith("fc") for s in self.steps) else c * 36
                self.add_module(f"fc{number}", nn.Linear(before, width))
                self.steps.append((f"fc{number}", False, False))
            c = width
        if not any(name.startswith("fc") for name, _, _ in self.steps):
            c *= 36
        self.fc8 = nn.Linear(c, num_classes)
        self.pool, self.drop = nn.MaxPool2d(3, 2), nn.Dropout(dropout)
        self.normalise = nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)

    def forward(self, x):
        for name, pooled, normalised in self.steps:
            if name.startswith("fc"):
                x = self.drop(getattr(self, name)(x.flatten(1)).clamp(min=0))
                continue
            x = getattr(self, name)(x).clamp(min=0)
            x = self.pool(x) if pooled else x
            x = self.normalise(x) if normalised else x
        return self.fc8(x.flatten(1))


class VGG(nn.Module):
    def __init__(self, config, num_classes=1000, hidden=4096, dropout=0.5):
        super().__init__()
        self.features, c = nn.Sequential(), 3
        for entry in config:
            if entry == "M":
                self.features.append(nn.MaxPool2d(2))
                continue
            self.features.append(nn.Conv2d(c, entry, 3, padding="same"))
            self.features.append(nn.ReLU())
            c = entry
        self.classifier, n = nn.Sequential(), 49 * c
        for _ in range(2):
            self.classifier.extend([nn.Linear(n, hidden), nn.ReLU(), nn.Dropout(dropout)])
            n = hidden
        self.classifier.append(nn.Linear(n, num_classes))

    def forward(self, x):
        x = nn.functional.adaptive_avg_pool2d(self.features(x), (7, 7))
        return self.classifier(x.reshape(len(x), -1))


def vgg(counts):
    return [e for width, n in zip((64, 128, 256, 512, 512), counts) for e in [width] * n + ["M"]]


def vgg11(num_classes=1000):
    return VGG(vgg((1, 1, 2, 2, 2)), num_classes)


def vgg13(num_classes=1000):
    return VGG(vgg((2, 2, 2, 2, 2)), num_classes)


def vgg16(num_classes=1000):
    return VGG(vgg((2, 2, 3, 3, 3)), num_classes)


def vgg19(num_classes=1000):
    return VGG(vgg((2, 2, 4, 4, 4)), num_classes)


class Inception(nn.Module):
    def __init__(self, c_in, c1, r3, c3, r5, c5, proj):
        super().__init__()
        table = {
            "conv1": (c_in, c1, 1),
            "reduce3": (c_in, r3, 1),
            "conv3": (r3, c3, 3),
            "reduce5": (c_in, r5, 1),
            "conv5": (r5, c5, 5),
            "project": (c_in, proj, 1),
        }
        for name, (before, after, k) in table.items():
            self.add_module(name, nn.Conv2d(before, after, k, padding=k // 2))
        self.pool = nn.MaxPool2d(3, 1, 1)

    def forward(self, x):
        y = []
        for way in (["conv1"], ["reduce3", "conv3"], ["reduce5", "conv5"], ["pool", "project"]):
            z = x
            for name in way:
                z = getattr(self, name)(z)
                z = z if name == "pool" else torch.relu(z)
            y.append(z)
        return torch.cat(y, dim=1)


class Head(nn.Module):
    def __init__(self, c_in, num_classes, shrink, dropout):
        super().__init__()
        self.conv = nn.Conv2d(c_in, 128 // shrink, 1)
        self.fc1 = nn.Linear(16 * (128 // shrink), 1024 // shrink)
        self.fc2 = nn.Linear(1024 // shrink, num_classes)
        self.pool, self.drop = nn.AvgPool2d(5, 3), nn.Dropout(dropout)

    def forward(self, x):
        return self.fc2(self.drop(torch.relu(self.fc1(torch.relu(self.conv(self.pool(x))).flatten(1)))))


class GoogLeNet(nn.Module):
    TABLE = """3a 64 96 128 16 32 32
               3b 128 128 192 32 96 64
               4a 192 96 208 16 48 64
               4b 160 112 224 24 64 64
               4c 128 128 256 24 64 64
               4d 112 144 288 32 64 64
               4e 256 160 320 32 128 128
               5a 256 160 320 32 128 128
               5b 384 192 384 48 128 128"""

    def __init__(self, num_classes=1000, shrink=1, dropout=0.4, aux_dropout=0.7):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64 // shrink, 7, 2, 3)
        self.reduce2 = nn.Conv2d(64 // shrink, 64 // shrink, 1)
        self.conv2 = nn.Conv2d(64 // shrink, 192 // shrink, 3, 1, 1)
        self.rows, c = [line.split() for line in self.TABLE.splitlines()], 192 // shrink
        for name, *widths in self.rows:
            widths = [int(width) // shrink for width in widths]
            self.add_module("inception" + name, Inception(c, *widths))
            c = widths[0] + widths[2] + widths[4] + widths[5]
        self.aux4a = Head(512 // shrink, num_classes, shrink, aux_dropout)
        self.aux4d = Head(528 // shrink, num_classes, shrink, aux_dropout)
        self.fc = nn.Linear(c, num_classes)
        self.pool, self.drop = nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(dropout)
        self.normalise = nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)

    def forward(self, x):
        x = self.normalise(self.pool(torch.relu(self.conv1(x))))
        x = torch.relu(self.conv2(torch.relu(self.reduce2(x))))
        x, found = self.pool(self.normalise(x)), []
        for name, *_ in self.rows:
            if name in ("4a", "5a"):
                x = self.pool(x)
            x = getattr(self, "inception" + name)(x)
            if self.training and hasattr(self, "aux" + name):
                found.append(getattr(self, "aux" + name)(x))
        scores = self.fc(self.drop(x.mean(dim=(-2, -1))))
        return (scores, *found) if found else scores


class DenseLayer(nn.Module):
    def __init__(self, c_in, growth, bottleneck=4):
        super().__init__()
        inner = bottleneck * growth
        for i, (before, after, k) in enumerate([(c_in, inner, 1), (inner, growth, 3)], 1):
            self.add_module(f"norm{i}", nn.BatchNorm2d(before))
            self.add_module(f"conv{i}", nn.Conv2d(before, after, k, padding=k // 2, bias=False))

    def forward(self, x):
        y = x
        for name in ("norm1", "conv1", "norm2", "conv2"):
            y = getattr(self, name)(y)
            y = torch.relu(y) if name.startswith("norm") else y
        return torch.cat((x, y), dim=1)


class Transition(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(c_in), nn.Conv2d(c_in, c_out, 1, bias=False)

    def forward(self, x):  # the mean of four pixels is linear, so that the cheaper order gives the same
        return self.conv(nn.functional.avg_pool2d(torch.relu(self.norm(x)), 2))


class DenseNet(nn.Module):
    def __init__(self, growth, blocks, stem, num_classes=1000, compression=0.5):
        super().__init__()
        layers = {"conv0": nn.Conv2d(3, stem, 7, 2, 3, bias=False), "norm0": nn.BatchNorm2d(stem)}
        layers |= {"relu0": nn.ReLU(), "pool0": nn.MaxPool2d(3, 2, 1)}
        c = stem
        for b, count in enumerate(blocks):
            if b:
                layers[f"transition{b}"] = Transition(c, int(c * compression))
                c = int(c * compression)
            dense = {f"denselayer{i + 1}": DenseLayer(c + i * growth, growth) for i in range(count)}
            layers[f"denseblock{b + 1}"] = nn.ModuleDict(dense)
            c += count * growth
        layers["norm5"] = nn.BatchNorm2d(c)
        self.features, self.classifier = nn.ModuleDict(layers), nn.Linear(c, num_classes)

    def forward(self, x):
        for layer in self.features.values():
            for one in layer.values() if isinstance(layer, nn.ModuleDict) else [layer]:
                x = one(x)
        return self.classifier(torch.relu(x).mean(dim=(-2, -1)))


def densenet121(num_classes=1000):
    return DenseNet(32, (6, 12, 24, 16), 64, num_classes)


def densenet161(num_classes=1000):
    return DenseNet(48, (6, 12, 36, 24), 96, num_classes)


def densenet169(num_classes=1000):
    return DenseNet(32, (6, 12, 32, 32), 64, num_classes)


def densenet201(num_classes=1000):
    return DenseNet(32, (6, 12, 48, 32), 64, num_classes)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in, c, stride=1, groups=1, width=64):
        super().__init__()
        inner, before = int(c * width / 64) * groups, c_in
        table = [(inner, 1, 1, 1), (inner, 3, stride, groups), (4 * c, 1, 1, 1)]
        for i, (after, k, step, g) in enumerate(table, 1):
            self.add_module(f"conv{i}", nn.Conv2d(before, after, k, step, k // 2, groups=g, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(after))
            before = after
        self.downsample = None
        if (c_in, stride) != (4 * c, 1):
            self.downsample = nn.Sequential(nn.Conv2d(c_in, 4 * c, 1, stride, bias=False), nn.BatchNorm2d(4 * c))

    def forward(self, x):
        y = x
        for i in (1, 2, 3):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = torch.relu(y) if i < 3 else y
        return torch.relu(y + (self.downsample(x) if self.downsample else x))


class ResNeXt(nn.Module):
    def __init__(self, layers, groups=32, width=4, num_classes=1000, c=64):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, c, 7, 2, 3, bias=False), nn.BatchNorm2d(c)
        before = c
        for s, count in enumerate(layers, 1):
            blocks = []
            for b in range(count):
                blocks.append(Bottleneck(before, c, stride=1 + (s > 1 and b == 0), groups=groups, width=width))
                before = 4 * c
            self.add_module(f"layer{s}", nn.Sequential(*blocks))
            c *= 2
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for s in (1, 2, 3, 4):
            x = getattr(self, f"layer{s}")(x)
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


def resnext50_32x4d(num_classes=1000):
    return ResNeXt([3, 4, 6, 3], num_classes=num_classes)


def resnext101_32x4d(num_classes=1000):
    return ResNeXt([3, 4, 23, 3], num_classes=num_classes)


def resnext101_32x8d(num_classes=1000):
    return ResNeXt([3, 4, 23, 3], width=8, num_classes=num_classes)


class SqueezeExcitation(nn.Module):
    def __init__(self, block, channels, reduction=16):
        super().__init__()
        self.block = block
        self.fc1, self.fc2 = nn.Linear(channels, channels // reduction), nn.Linear(channels // reduction, channels)

    def forward(self, x):
        y = self.block(x)
        s = nn.functional.adaptive_avg_pool2d(y, 1).flatten(1)
        for layer, squash in ((self.fc1, torch.relu), (self.fc2, torch.sigmoid)):
            s = squash(layer(s))
        return torch.einsum("nchw,nc->nchw", y, s)


def senet(layers, groups=1, width=64, num_classes=1000, c=64, reduction=16):
    model = ResNeXt(layers, groups, width, num_classes, c)
    for module in list(model.modules()):
        if isinstance(module, Bottleneck):
            module.bn3 = SqueezeExcitation(module.bn3, module.bn3.num_features, reduction)
    return model


def se_resnet50(num_classes=1000):
    return senet([3, 4, 6, 3], num_classes=num_classes)


def se_resnext50(num_classes=1000):
    return senet([3, 4, 6, 3], 32, 4, num_classes)


def bottleneck_multiplications(layers, groups, width, stride_in, size=224):
    def half(n):
        return (n + 1) // 2

    n = half(size)
    total, n, before = 3 * 64 * 49 * n**2, half(n), 64
    for s, count in enumerate(layers):
        inner, after = width * groups << s, 256 << s
        for b in range(count):
            big, n = n, half(n) if s and not b else n
            total += before * inner * (n if stride_in == "1x1" else big) ** 2
            total += (9 * inner**2 // groups + inner * after) * n**2
            total += before * after * n**2 if not b else 0
            before = after
    return total + 1000 * before


def which_stride(layers, groups, width, gflops):
    one, three = (bottleneck_multiplications(layers, groups, width, place) / 1e9 for place in ("1x1", "3x3"))
    return "1x1" if gflops < (one + three) / 2 else "3x3"


def contender(num_classes=10):
    layers, c = [], 3
    for width in (16, "M", 32, "M", 64, 64, "M", 96, 96):
        if width == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(c, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        c = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, num_classes))


def train(model, batches):
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    model.train()
    for step, (images, labels) in enumerate(batches):
        done = step / len(batches)
        optimiser.param_groups[0]["lr"] = 0.1 * min(4 * done + 0.1, 1.02 - done)
        loss = nn.functional.cross_entropy(model(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 40 == 39:
            print(f"step {step + 1}: loss {float(loss.detach()):.3f}")
    return model
