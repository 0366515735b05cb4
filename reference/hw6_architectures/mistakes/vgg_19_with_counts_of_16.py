"""Your VGG-19 has the layers of VGG-16. Its last three stages have four convolutions each."""

PARTS = ("vgg",)


def vgg19(num_classes: int = 1000) -> nn.Module:
    return VGG(_vgg_config([2, 2, 3, 3, 3]), num_classes)
