"""Your network learns more than 300,000 numbers."""

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
        _Residual(64, 160),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(160, num_classes),
    )
