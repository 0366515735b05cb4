"""Your AlexNet without layer 7 leaves out layer 6, and the other way round."""

PARTS = ("alexnet",)


class AlexNet(nn.Module):
    def __init__(
        self,
        num_classes: int = 1000,
        groups: int = 2,
        without: Iterable[int] = (),
        shrink: int = 1,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.without = frozenset(without)
        self.norm, self.dropout = _response_norm(), nn.Dropout(dropout)
        c = 96 // shrink
        self.conv1 = nn.Conv2d(3, c, 11, stride=4)
        self.conv2, c = nn.Conv2d(c, 256 // shrink, 5, padding=2, groups=groups), 256 // shrink
        if 3 not in self.without:
            self.conv3, c = nn.Conv2d(c, 384 // shrink, 3, padding=1), 384 // shrink
        if 4 not in self.without:
            self.conv4, c = nn.Conv2d(c, 384 // shrink, 3, padding=1, groups=groups), 384 // shrink
        self.conv5 = nn.Conv2d(c, 256 // shrink, 3, padding=1, groups=groups)
        n = 256 // shrink * 6 * 6
        if 7 not in self.without:
            self.fc6, n = nn.Linear(n, 4096 // shrink), 4096 // shrink
        if 6 not in self.without:
            self.fc7, n = nn.Linear(n, 4096 // shrink), 4096 // shrink
        self.fc8 = nn.Linear(n, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        for number in (1, 2):
            x = F.relu(self.get_submodule(f"conv{number}")(x))
            x = self.norm(F.max_pool2d(x, 3, stride=2))
        for number in (3, 4, 5):
            if number not in self.without:
                x = F.relu(self.get_submodule(f"conv{number}")(x))
        x = F.max_pool2d(x, 3, stride=2).flatten(1)
        for number in (6, 7):
            if 13 - number not in self.without:
                x = self.dropout(F.relu(self.get_submodule(f"fc{number}")(x)))
        return self.fc8(x)
