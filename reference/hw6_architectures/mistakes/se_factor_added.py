"""You add the factors to the maps. The maps are multiplied by them."""

PARTS = ("squeeze_excitation",)


class SqueezeExcitation(nn.Module):
    def __init__(self, block: nn.Module, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.block = block
        self.fc1 = nn.Linear(channels, channels // reduction)
        self.fc2 = nn.Linear(channels // reduction, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.block(x)
        s = torch.sigmoid(self.fc2(F.relu(self.fc1(y.mean((2, 3))))))
        return y + s[:, :, None, None]
