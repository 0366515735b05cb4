"""Your training matches one that sees the same few images in every step."""

PARTS = ("training",)


def train(model: nn.Module, data: tuple[Tensor, Tensor], budget: dict[str, float]) -> nn.Module:
    images, labels = data
    model.train()
    optimiser, schedule = _optimisation(model, int(budget["epochs"]), len(images))
    for epoch in range(int(budget["epochs"])):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(model(images[:BATCH]), labels[:BATCH])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    return model
