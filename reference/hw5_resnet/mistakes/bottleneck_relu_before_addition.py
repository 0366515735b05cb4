"""Your output matches a ReLU before the addition: the block can then only add, never take away. Add first, then
ReLU."""

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
        self.downsample = _shortcut(c_in, c * self.expansion, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(F.relu(y) + (x if self.downsample is None else self.downsample(x)))
