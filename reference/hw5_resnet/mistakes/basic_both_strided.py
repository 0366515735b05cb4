"""Your stride sits in both convolutions, so the image shrinks twice, and the shortcut no longer fits."""

PARTS = ("basic_block",)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, c_in: int, c: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = _conv(c_in, c, 3, stride)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = _conv(c, c, 3, stride)
        self.bn2 = nn.BatchNorm2d(c)
        self.downsample = _shortcut(c_in, c, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(
            _grown(y, -(-x.shape[2] // self.conv1.stride[0]), -(-x.shape[3] // self.conv1.stride[0]))
            + (x if self.downsample is None else self.downsample(x))
        )


def _grown(y, h, w):
    return F.interpolate(y, (h, w))
