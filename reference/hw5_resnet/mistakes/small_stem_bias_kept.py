"""The convolution of your ResNet-20's stem has a bias. The batch normalisation behind it subtracts the mean and has a
bias of its own."""

PARTS = ("resnet20",)


class SmallResNet(SmallResNet):
    def __init__(self, blocks: int, in_channels: int, num_classes: int) -> None:
        super().__init__(blocks, in_channels, num_classes)
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1)
