"""Your 32×8d has groups of four channels. The 8 is their number."""

PARTS = ("resnext",)


def resnext101_32x8d(num_classes: int = 1000) -> nn.Module:
    return ResNeXt([3, 4, 23, 3], 32, 4, num_classes)
