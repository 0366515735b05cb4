"""Your GoogLeNet takes the largest number of each map at its end. The mean is asked for."""

PARTS = ("googlenet",)


class GoogLeNet(nn.Module):
    def __init__(
        self, num_classes: int = 1000, shrink: int = 1, dropout: float = 0.4, aux_dropout: float = 0.7
    ) -> None:
        super().__init__()
        self.norm, self.dropout = _response_norm(), nn.Dropout(dropout)
        self.pool = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv1 = nn.Conv2d(3, 64 // shrink, 7, stride=2, padding=3)
        self.reduce2 = nn.Conv2d(64 // shrink, 64 // shrink, 1)
        self.conv2 = nn.Conv2d(64 // shrink, 192 // shrink, 3, padding=1)
        c = 192 // shrink
        for name, widths in INCEPTIONS.items():
            c1, r3, c3, r5, c5, proj = (width // shrink for width in widths)
            self.add_module(f"inception{name}", Inception(c, c1, r3, c3, r5, c5, proj))
            c = c1 + c3 + c5 + proj
            if name in ("4a", "4d"):
                self.add_module(f"aux{name}", _Auxiliary(c, num_classes, shrink, aux_dropout))
        self.fc = nn.Linear(c, num_classes)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = self.norm(self.pool(F.relu(self.conv1(x))))
        x = F.relu(self.conv2(F.relu(self.reduce2(x))))
        x = self.pool(self.norm(x))
        auxiliary = []
        for name in INCEPTIONS:
            x = self.get_submodule(f"inception{name}")(x)
            if name in ("3b", "4e"):
                x = self.pool(x)
            if self.training and name in ("4a", "4d"):
                auxiliary.append(self.get_submodule(f"aux{name}")(x))
        scores = self.fc(self.dropout(x.amax((2, 3))))
        return (scores, *auxiliary) if self.training else scores
