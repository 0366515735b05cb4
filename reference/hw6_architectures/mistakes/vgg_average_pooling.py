"""Your stages end with the mean of 2×2 pixels. VGG takes the largest."""

PARTS = ("vgg",)


class VGG(nn.Module):
    def __init__(
        self, config: list[int | str], num_classes: int = 1000, hidden: int = 4096, dropout: float = 0.5
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        c = 3
        for entry in config:
            if entry == "M":
                layers.append(nn.AvgPool2d(2, stride=2))
            else:
                layers += [nn.Conv2d(c, int(entry), 3, padding=1), nn.ReLU(inplace=True)]
                c = int(entry)
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(c * 7 * 7, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))
