"""Your transitions always keep a half of the channels. The share is an argument."""

PARTS = ("densenet",)


class DenseNet(nn.Module):
    def __init__(
        self, growth: int, blocks: list[int], stem: int, num_classes: int = 1000, compression: float = 0.5
    ) -> None:
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("conv0", nn.Conv2d(3, stem, 7, stride=2, padding=3, bias=False))
        self.features.add_module("norm0", nn.BatchNorm2d(stem))
        self.features.add_module("relu0", nn.ReLU(inplace=True))
        self.features.add_module("pool0", nn.MaxPool2d(3, stride=2, padding=1))
        c = stem
        for b, layers in enumerate(blocks, 1):
            block = nn.Sequential()
            for i in range(layers):
                block.add_module(f"denselayer{i + 1}", DenseLayer(c, growth))
                c += growth
            self.features.add_module(f"denseblock{b}", block)
            if b < len(blocks):
                fewer = c // 2
                self.features.add_module(f"transition{b}", Transition(c, fewer))
                c = fewer
        self.features.add_module("norm5", nn.BatchNorm2d(c))
        self.classifier = nn.Linear(c, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(F.relu(self.features(x)).mean((2, 3)))
