"""Your training matches one that computes gradients and never makes a step: the network is what it was at its
start."""

PARTS = ("training",)


def train(model: nn.Module, data: tuple[Tensor, Tensor], budget: dict[str, float]) -> nn.Module:
    images, labels = data
    model.train()
    for epoch in range(int(budget["epochs"])):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            model.zero_grad()
            loss.backward()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    return model
