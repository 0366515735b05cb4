"""Your ResNet-20 has two blocks per stage, which makes it ResNet-14. 6 · 3 + 2 is 20."""

PARTS = ("resnet20",)


def resnet20(in_channels: int = 3, num_classes: int = 10) -> nn.Module:
    return SmallResNet(2, in_channels, num_classes)
