"""Your output matches a block without the ReLU behind its first batch normalisation."""

PARTS = ("basic_block",)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _conv(c_in, c, 3, stride)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = _conv(c, c, 3)
        self.bn2 = nn.BatchNorm2d(c)
        self.downsample = _shortcut(c_in, c, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.conv1(x))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))
