"""Your SE-ResNeXt-50 is an SE-ResNet-50. It has 32 groups, 4 wide."""

PARTS = ("squeeze_excitation",)


def se_resnext50(num_classes: int = 1000) -> nn.Module:
    return senet([3, 4, 6, 3], 1, 64, num_classes)
