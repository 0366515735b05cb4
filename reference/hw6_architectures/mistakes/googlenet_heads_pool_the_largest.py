"""Your heads pool the largest numbers. They take means of 5×5 pixels, with stride 3."""

PARTS = ("googlenet",)


class _Auxiliary(nn.Module):
    def __init__(self, c_in: int, num_classes: int, shrink: int, dropout: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c_in, 128 // shrink, 1)
        self.fc1 = nn.Linear(128 // shrink * 4 * 4, 1024 // shrink)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(1024 // shrink, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv(F.max_pool2d(x, 5, stride=3)))
        return self.fc2(self.dropout(F.relu(self.fc1(x.flatten(1)))))
