"""Your stages have no strides. The second, third and fourth begin with one of 2."""

PARTS = ("resnext",)


class ResNeXt(nn.Module):
    def __init__(
        self, layers: list[int], groups: int = 32, width: int = 4, num_classes: int = 1000, c: int = 64
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, c, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        c_in = c
        for s, blocks in enumerate(layers):
            stage = nn.Sequential()
            for _ in range(blocks):
                stride = 1
                stage.append(Bottleneck(c_in, c * 2**s, stride, groups, width))
                c_in = c * 2**s * 4
            self.add_module(f"layer{s + 1}", stage)
        self.fc = nn.Linear(c_in, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))
