"""Your DenseNet-169 has the blocks of DenseNet-121. It has 6, 12, 32 and 32 layers."""

PARTS = ("densenet",)


def densenet169(num_classes: int = 1000) -> nn.Module:
    return DenseNet(32, [6, 12, 24, 16], 64, num_classes)
