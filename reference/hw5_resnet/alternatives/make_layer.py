"""As the well-known implementations have it: the network keeps track of its channels and makes a stage at a time."""

import torch
from torch import nn


def conv3x3(c_in, c_out, stride=1):
    return nn.Conv2d(c_in, c_out, kernel_size=3, stride=stride, padding=1, bias=False)


def conv1x1(c_in, c_out, stride=1):
    return nn.Conv2d(c_in, c_out, kernel_size=1, stride=stride, bias=False)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, c_in, c, stride=1):
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = conv3x3(c_in, c, stride)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = conv3x3(c, c)
        self.bn2 = nn.BatchNorm2d(c)
        if stride > 1 or c_in != c:
            self.downsample = nn.Sequential(conv1x1(c_in, c, stride), nn.BatchNorm2d(c))

    def forward(self, x):
        identity = self.downsample(x) if hasattr(self, "downsample") else x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(torch.add(out, identity))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in, c, stride=1):
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = conv1x1(c_in, c)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = conv3x3(c, c, stride)
        self.bn2 = nn.BatchNorm2d(c)
        self.conv3 = conv1x1(c, 4 * c)
        self.bn3 = nn.BatchNorm2d(4 * c)
        if stride > 1 or c_in != 4 * c:
            self.downsample = nn.Sequential(conv1x1(c_in, 4 * c, stride), nn.BatchNorm2d(4 * c))

    def forward(self, x):
        identity = self.downsample(x) if hasattr(self, "downsample") else x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.bn3(self.conv3(out)) + identity)


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=1000):
        super().__init__()
        self.channels = 64
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], stride=2)
        self.layer3 = self._make_layer(block, 256, layers[2], stride=2)
        self.layer4 = self._make_layer(block, 512, layers[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(self.channels, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def _make_layer(self, block, c, blocks, stride=1):
        made = []
        for i in range(blocks):
            made.append(block(self.channels, c, stride if i == 0 else 1))
            self.channels = c * block.expansion
        return nn.Sequential(*made)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


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


class CifarResNet(ResNet):
    def __init__(self, in_channels, num_classes):
        nn.Module.__init__(self)
        self.channels = 16
        self.conv1 = conv3x3(in_channels, 16)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.layer1 = self._make_layer(BasicBlock, 16, 3)
        self.layer2 = self._make_layer(BasicBlock, 32, 3, stride=2)
        self.layer3 = self._make_layer(BasicBlock, 64, 3, stride=2)
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean(dim=[-1, -2]))


def resnet20(in_channels=3, num_classes=10):
    return CifarResNet(in_channels, num_classes)


def train(model, data, budget):
    images, labels = data
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), batch_size=30, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-4)
    total = len(loader) * int(budget["epochs"])
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(1 - step / total, 0.01))
    model.train()
    for epoch in range(int(budget["epochs"])):
        for x, t in loader:
            loss = criterion(model(x), t)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
        print("epoch", epoch, "loss", round(loss.item(), 4))
    return model
