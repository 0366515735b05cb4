"""Your transitions take the largest of 2×2 pixels. They take the mean."""

PARTS = ("densenet",)


class Transition(nn.Module):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(c_in)
        self.conv = nn.Conv2d(c_in, c_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(self.conv(F.relu(self.norm(x))), 2, stride=2)
