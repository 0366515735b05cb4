"""The convolution of your stem has a bias. The batch normalisation behind it subtracts the mean and has a bias of its
own."""

PARTS = ("resnet",)


class ResNet(ResNet):
    def __init__(self, block: type[nn.Module], layers: list[int], num_classes: int = 1000) -> None:
        super().__init__(block, layers, num_classes)
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
