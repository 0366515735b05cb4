"""Your DenseNet-161 grows by 32 channels per layer. It grows by 48, and its stem has 96."""

PARTS = ("densenet",)


def densenet161(num_classes: int = 1000) -> nn.Module:
    return DenseNet(32, [6, 12, 36, 24], 96, num_classes)
