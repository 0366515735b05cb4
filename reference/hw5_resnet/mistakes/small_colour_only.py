"""Your ResNet-20 always expects three channels, whatever is asked for."""

PARTS = ("resnet20",)


def resnet20(in_channels: int = 3, num_classes: int = 10) -> nn.Module:
    return SmallResNet(3, 3, num_classes)
