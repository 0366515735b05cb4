"""Your ResNet-101 has 22 blocks in its third stage. 1 + 3 · (3 + 4 + 23 + 3) + 1 is 101."""

PARTS = ("resnet",)


def resnet101(num_classes: int = 1000) -> nn.Module:
    return ResNet(Bottleneck, [3, 4, 22, 3], num_classes)
