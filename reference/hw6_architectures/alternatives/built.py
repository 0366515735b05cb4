"""Layers that bring their ReLU along; counts come from torch's own layers. Tournament: Inception."""

import torch
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, local_response_norm, max_pool2d


class Conv(nn.Conv2d):
    """With its ReLU."""

    def forward(self, x):
        return super().forward(x).relu()


class Full(nn.Linear):
    """With its ReLU."""

    def forward(self, x):
        return super().forward(x).relu()


class Norm(nn.BatchNorm2d):
    """With its ReLU."""

    def forward(self, x):
        return super().forward(x).relu()


def torchs(layer, shape):
    """torch's layer for a description, if it has weights."""
    bias = layer.get("bias", True)
    if layer["kind"] == "conv":
        return nn.Conv2d(shape[0], layer["filters"], layer["kernel"], groups=layer.get("groups", 1), bias=bias)
    if layer["kind"] == "norm":
        return nn.BatchNorm2d(shape[0])
    if layer["kind"] == "fc":
        return nn.Linear(torch.Size(shape).numel(), layer["neurons"], bias=bias)
    return None


def after(layer, shape):
    kind = layer["kind"]
    if kind == "fc":
        return (layer["neurons"],)
    if kind == "mean":
        return (shape[0],)
    if kind not in ("conv", "pool"):
        return tuple(shape)
    k, pad, c = layer["kernel"], layer.get("pad", 0), layer.get("filters", shape[0])
    for n in shape[1:]:
        if k > n + 2 * pad:
            raise ValueError(f"{k} > {n} + 2 · {pad}")
    if kind == "conv" and (c % layer.get("groups", 1) or shape[0] % layer.get("groups", 1)):
        raise ValueError("groups")
    first = torch.empty(shape[1] + 2 * pad, shape[2] + 2 * pad, device="meta")
    step = layer.get("stride", k if kind == "pool" else 1)
    return (c, *first[: first.shape[0] - k + 1 : step, : first.shape[1] - k + 1 : step].shape)


def shapes(stack, shape):
    found = []
    for layer in stack:
        found.append(after(layer, found[-1] if found else shape))
    return found


def inputs(stack, shape):
    return [shape, *shapes(stack, shape)][: len(stack)]


def parameters(stack, shape):
    made = [torchs(layer, given) for layer, given in zip(stack, inputs(stack, shape))]
    return [sum(p.numel() for p in one.parameters()) if one is not None else 0 for one in made]


def multiplications(stack, shape):
    found = []
    for layer, given, made in zip(stack, inputs(stack, shape), shapes(stack, shape)):
        one = torchs(layer, given) if layer["kind"] != "norm" else None
        found.append(one.weight.numel() * torch.Size(made[1:]).numel() if one is not None else 0)
    return found


def neurons(stack, shape):
    made = zip(stack, shapes(stack, shape))
    return sum(torch.Size(size).numel() for layer, size in made if "filters" in layer or "neurons" in layer)


class AlexNet(nn.Module):
    def __init__(self, num_classes=1000, groups=2, without=(), shrink=1, dropout=0.5):
        super().__init__()
        small, wide, n = 256 // shrink, 384 // shrink, 4096 // shrink
        left = set(without)
        self.conv1 = Conv(3, 96 // shrink, 11, 4)
        self.conv2 = Conv(96 // shrink, small, 5, 1, 2, groups=groups)
        self.conv3 = None if 3 in left else Conv(small, wide, 3, 1, 1)
        self.conv4 = None if 4 in left else Conv(small if 3 in left else wide, wide, 3, 1, 1, groups=groups)
        self.conv5 = Conv(small if {3, 4} <= left else wide, small, 3, 1, 1, groups=groups)
        self.fc6 = None if 6 in left else Full(small * 36, n)
        self.fc7 = None if 7 in left else Full(small * 36 if 6 in left else n, n)
        self.fc8 = nn.Linear(small * 36 if {6, 7} <= left else n, num_classes)
        self.p = dropout

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = local_response_norm(max_pool2d(conv(x), 3, 2), 5, alpha=5e-4, k=2.0)
        for conv in (self.conv3, self.conv4, self.conv5):
            x = x if conv is None else conv(x)
        x = max_pool2d(x, 3, 2).flatten(1)
        for full in (self.fc6, self.fc7):
            x = x if full is None else nn.functional.dropout(full(x), self.p, self.training)
        return self.fc8(x)


class VGG(nn.Module):
    def __init__(self, config, num_classes=1000, hidden=4096, dropout=0.5):
        super().__init__()
        self.features = nn.ModuleDict()
        index, c = 0, 3
        for entry in config:
            if entry == "M":
                self.features[str(index)] = nn.MaxPool2d(2)
                index += 1
            else:
                self.features[str(index)] = Conv(c, entry, 3, 1, 1)
                index, c = index + 2, entry
        self.classifier = nn.ModuleDict(
            {"0": Full(c * 49, hidden), "3": Full(hidden, hidden), "6": nn.Linear(hidden, num_classes)}
        )
        self.p = dropout

    def forward(self, x):
        for layer in self.features.values():
            x = layer(x)
        x = adaptive_avg_pool2d(x, 7).flatten(1)
        for name in ("0", "3"):
            x = nn.functional.dropout(self.classifier[name](x), self.p, self.training)
        return self.classifier["6"](x)


def _vgg(num_classes, *counts):
    widths = (64, 128, 256, 512, 512)
    return VGG([e for w, n in zip(widths, counts) for e in (*[w] * n, "M")], num_classes)


def vgg11(num_classes=1000):
    return _vgg(num_classes, 1, 1, 2, 2, 2)


def vgg13(num_classes=1000):
    return _vgg(num_classes, 2, 2, 2, 2, 2)


def vgg16(num_classes=1000):
    return _vgg(num_classes, 2, 2, 3, 3, 3)


def vgg19(num_classes=1000):
    return _vgg(num_classes, 2, 2, 4, 4, 4)


class Inception(nn.Module):
    def __init__(self, c_in, c1, r3, c3, r5, c5, proj):
        super().__init__()
        self.conv1 = Conv(c_in, c1, 1)
        self.reduce3, self.conv3 = Conv(c_in, r3, 1), Conv(r3, c3, 3, padding=1)
        self.reduce5, self.conv5 = Conv(c_in, r5, 1), Conv(r5, c5, 5, padding=2)
        self.project = Conv(c_in, proj, 1)

    def forward(self, x):
        y = self.conv1(x)
        y = torch.cat([y, self.conv3(self.reduce3(x))], 1)
        y = torch.cat([y, self.conv5(self.reduce5(x))], 1)
        return torch.cat([y, self.project(max_pool2d(x, 3, 1, 1))], 1)


class Auxiliary(nn.Module):
    def __init__(self, c, num_classes, shrink, p):
        super().__init__()
        self.conv, self.fc1 = Conv(c, 128 // shrink, 1), Full(128 // shrink * 16, 1024 // shrink)
        self.fc2, self.p = nn.Linear(1024 // shrink, num_classes), p

    def forward(self, x):
        x = self.fc1(self.conv(avg_pool2d(x, 5, 3)).flatten(1))
        return self.fc2(nn.functional.dropout(x, self.p, self.training))


class GoogLeNet(nn.Module):
    def __init__(self, num_classes=1000, shrink=1, dropout=0.4, aux_dropout=0.7):
        super().__init__()
        self.p = dropout
        self.conv1 = Conv(3, 64 // shrink, 7, 2, 3)
        self.reduce2, self.conv2 = Conv(64 // shrink, 64 // shrink, 1), Conv(64 // shrink, 192 // shrink, 3, 1, 1)

        def module(*sizes):
            return Inception(*(size // shrink for size in sizes))

        self.inception3a = module(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = module(256, 128, 128, 192, 32, 96, 64)
        self.inception4a = module(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = module(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = module(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = module(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = module(528, 256, 160, 320, 32, 128, 128)
        self.inception5a = module(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = module(832, 384, 192, 384, 48, 128, 128)
        self.aux4a = Auxiliary(512 // shrink, num_classes, shrink, aux_dropout)
        self.aux4d = Auxiliary(528 // shrink, num_classes, shrink, aux_dropout)
        self.fc = nn.Linear(1024 // shrink, num_classes)

    def forward(self, x):
        def pool(x):
            return max_pool2d(x, 3, 2, 0, 1, True)

        x = local_response_norm(pool(self.conv1(x)), 5, 5e-4, 0.75, 2.0)
        x = pool(local_response_norm(self.conv2(self.reduce2(x)), 5, 5e-4, 0.75, 2.0))
        four = self.inception4a(pool(self.inception3b(self.inception3a(x))))
        five = self.inception4d(self.inception4c(self.inception4b(four)))
        x = self.inception5b(self.inception5a(pool(self.inception4e(five))))
        scores = self.fc(nn.functional.dropout(x.mean([2, 3]), self.p, self.training))
        return [scores, self.aux4a(four), self.aux4d(five)] if self.training else scores


class DenseLayer(nn.Module):
    def __init__(self, c_in, growth, bottleneck=4):
        super().__init__()
        self.norm1, self.conv1 = Norm(c_in), nn.Conv2d(c_in, bottleneck * growth, 1, bias=False)
        self.norm2 = Norm(bottleneck * growth)
        self.conv2 = nn.Conv2d(bottleneck * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.hstack([x, self.conv2(self.norm2(self.conv1(self.norm1(x))))])


class Transition(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.norm, self.conv = Norm(c_in), nn.Conv2d(c_in, c_out, 1, bias=False)

    def forward(self, x):
        return nn.functional.avg_pool2d(self.conv(self.norm(x)), (2, 2), (2, 2))


class DenseNet(nn.Module):
    def __init__(self, growth, blocks, stem, num_classes=1000, compression=0.5):
        super().__init__()
        self.features = nn.Sequential()
        add, c = self.features.add_module, stem
        add("conv0", nn.Conv2d(3, stem, 7, 2, 3, bias=False))
        add("norm0", Norm(stem))
        add("pool0", nn.MaxPool2d(3, 2, 1))
        for b, count in enumerate(blocks, 1):
            add(f"denseblock{b}", nn.Sequential())
            for i in range(1, count + 1):
                self.features[-1].add_module(f"denselayer{i}", DenseLayer(c, growth))
                c = c + growth
            if b < len(blocks):
                add(f"transition{b}", Transition(c, int(c * compression)))
                c = int(c * compression)
        add("norm5", Norm(c))
        self.classifier = nn.Linear(c, num_classes)

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


def densenet121(num_classes=1000):
    return DenseNet(32, [6, 12, 24, 16], 64, num_classes)


def densenet161(num_classes=1000):
    return DenseNet(48, [6, 12, 36, 24], 96, num_classes)


def densenet169(num_classes=1000):
    return DenseNet(32, [6, 12, 32, 32], 64, num_classes)


def densenet201(num_classes=1000):
    return DenseNet(32, [6, 12, 48, 32], 64, num_classes)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in, c, stride=1, groups=1, width=64):
        super().__init__()
        inner = int(c * (width / 64)) * groups
        self.conv1, self.bn1 = nn.Conv2d(c_in, inner, 1, bias=False), Norm(inner)
        self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3, stride, 1, groups=groups, bias=False), Norm(inner)
        self.conv3, self.bn3 = nn.Conv2d(inner, 4 * c, 1, bias=False), nn.BatchNorm2d(4 * c)
        if stride == 1 and c_in == 4 * c:
            self.downsample = None
        else:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, 4 * c, 1, stride, bias=False), nn.BatchNorm2d(4 * c))

    def forward(self, x):
        y = self.bn3(self.conv3(self.bn2(self.conv2(self.bn1(self.conv1(x))))))
        return torch.add(y, x if self.downsample is None else self.downsample(x)).relu()


class ResNeXt(nn.Module):
    def __init__(self, layers, groups=32, width=4, num_classes=1000, c=64):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, c, 7, 2, 3, bias=False), Norm(c)
        c_in = c
        for number, count in enumerate(layers, 1):
            stage = nn.Sequential()
            while len(stage) < count:
                stage.append(Bottleneck(c_in, c, 1 if stage or number == 1 else 2, groups, width))
                c_in = 4 * c
            setattr(self, f"layer{number}", stage)
            c = 2 * c
        self.fc = nn.Linear(c_in, num_classes)

    def forward(self, x):
        x = max_pool2d(self.bn1(self.conv1(x)), 3, 2, 1)
        x = self.layer2(self.layer1(x))
        x = self.layer4(self.layer3(x))
        return self.fc(x.mean([2, 3]))


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
        self.fc1, self.fc2 = Full(channels, channels // reduction), nn.Linear(channels // reduction, channels)

    def forward(self, x):
        y = self.block(x)
        return y * self.fc2(self.fc1(y.mean([2, 3]))).sigmoid().unsqueeze(2).unsqueeze(3)


def senet(layers, groups=1, width=64, num_classes=1000, c=64, reduction=16):
    model = ResNeXt(layers, groups, width, num_classes, c)
    channels = {f"layer{s}": 2 * c << s for s in (1, 2, 3, 4)}
    for name, stage in model.named_children():
        for block in stage if name in channels else ():
            block.bn3 = SqueezeExcitation(block.bn3, channels[name], reduction)
    return model


def se_resnet50(num_classes=1000):
    return senet([3, 4, 6, 3], num_classes=num_classes)


def se_resnext50(num_classes=1000):
    return senet([3, 4, 6, 3], 32, 4, num_classes=num_classes)


def bottleneck_multiplications(layers, groups, width, stride_in, size=224):
    total, side, c_in = 0, -(-size // 2), 64
    total += 64 * 3 * 7 * 7 * side * side
    side = -(-side // 2)
    for s, count in enumerate(layers):
        c, c_out = width * groups * 2**s, 256 * 2**s
        for b in range(count):
            before = side
            if s and b == 0:
                side = -(-side // 2)
            first = side if stride_in == "1x1" else before
            total += c_in * c * first**2 + (c * c * 9 // groups + c * c_out) * side**2
            if c_in != c_out:
                total += c_in * c_out * side**2
            c_in = c_out
    return total + c_in * 1000


def which_stride(layers, groups, width, gflops):
    at_first = bottleneck_multiplications(layers, groups, width, "1x1") / 1e9
    at_second = bottleneck_multiplications(layers, groups, width, "3x3") / 1e9
    return "1x1" if abs(at_first - gflops) < abs(at_second - gflops) else "3x3"


def contender(num_classes=10):
    first = [nn.Conv2d(3, 16, 3, padding=1, bias=False), Norm(16), nn.MaxPool2d(2)]
    second = [nn.Conv2d(16, 32, 3, padding=1, bias=False), Norm(32), nn.MaxPool2d(2)]
    modules = [Inception(32, 16, 32, 64, 8, 16, 16), nn.BatchNorm2d(112)]
    modules += [Inception(112, 24, 48, 72, 12, 24, 16), nn.BatchNorm2d(136), nn.MaxPool2d(2)]
    modules += [Inception(136, 32, 64, 96, 16, 32, 32), nn.BatchNorm2d(192)]
    return nn.Sequential(*first, *second, *modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(192, num_classes))


def train(model, batches):
    optimiser = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.05)
    steps = len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 6e-3, total_steps=steps, pct_start=0.25)
    model.train()
    for step, (images, labels) in enumerate(batches, 1):
        loss = nn.functional.cross_entropy(model(images), labels, label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"{step}: loss {loss.item():.2f}")
    return model
