"""Your branches come in another order. It is 1×1, 3×3, 5×5, pooling."""

PARTS = ("inception",)


class Inception(nn.Module):
    def __init__(self, c_in: int, c1: int, r3: int, c3: int, r5: int, c5: int, proj: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c1, 1)
        self.reduce3 = nn.Conv2d(c_in, r3, 1)
        self.conv3 = nn.Conv2d(r3, c3, 3, padding=1)
        self.reduce5 = nn.Conv2d(c_in, r5, 1)
        self.conv5 = nn.Conv2d(r5, c5, 5, padding=2)
        self.project = nn.Conv2d(c_in, proj, 1)

    def forward(self, x: Tensor) -> Tensor:
        branches = [
            self.conv1(x),
            self.conv5(F.relu(self.reduce5(x))),
            self.conv3(F.relu(self.reduce3(x))),
            self.project(F.max_pool2d(x, 3, stride=1, padding=1)),
        ]
        return F.relu(torch.cat(branches, 1))
