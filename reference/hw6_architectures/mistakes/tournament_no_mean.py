"""Your network scores every pixel: the mean over the maps is missing."""

PARTS = ("tournament",)


def contender(num_classes: int = 10) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        _Residual(32, 64),
        nn.MaxPool2d(2),
        _Residual(64, 96),
        nn.Conv2d(96, num_classes, 1),
    )
