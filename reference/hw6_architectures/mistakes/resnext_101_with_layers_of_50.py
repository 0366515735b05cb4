"""Your ResNeXt-101 has the blocks of ResNeXt-50. Its third stage has 23."""

PARTS = ("resnext",)


def resnext101_32x4d(num_classes: int = 1000) -> nn.Module:
    return ResNeXt([3, 4, 6, 3], 32, 4, num_classes)
