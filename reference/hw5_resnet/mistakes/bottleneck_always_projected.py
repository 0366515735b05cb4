"""Your block projects its input even where both shapes agree. There the shortcut is the identity, which is what
makes deep networks easy to train."""

PARTS = ("bottleneck",)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _conv(c_in, c, 1)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = _conv(c, c, 3, stride)
        self.bn2 = nn.BatchNorm2d(c)
        self.conv3 = _conv(c, c * self.expansion, 1)
        self.bn3 = nn.BatchNorm2d(c * self.expansion)
        self.downsample = nn.Sequential(_conv(c_in, c * self.expansion, 1, stride), nn.BatchNorm2d(c * self.expansion))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))
