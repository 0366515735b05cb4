"""Your ResNet-34 has the blocks of ResNet-18. It has 3, 4, 6 and 3 of them."""

PARTS = ("resnet",)


def resnet34(num_classes: int = 1000) -> nn.Module:
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes)
