"""Your VGG-11 has the layers of VGG-13. Its first two stages have one convolution each."""

PARTS = ("vgg",)


def vgg11(num_classes: int = 1000) -> nn.Module:
    return VGG(_vgg_config([2, 2, 2, 2, 2]), num_classes)
