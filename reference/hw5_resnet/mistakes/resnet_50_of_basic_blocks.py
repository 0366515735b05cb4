"""Your ResNet-50 is made of basic blocks, which makes it ResNet-34. From 50 layers on they are bottlenecks."""

PARTS = ("resnet",)


def resnet50(num_classes: int = 1000) -> nn.Module:
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes)
