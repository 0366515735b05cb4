"""Your training adds up the gradients of all steps: `zero_grad` is missing."""

PARTS = ("training",)


def train(model: nn.Module, data: tuple[Tensor, Tensor], budget: dict[str, float]) -> nn.Module:
    images, labels = data
    model.train()
    optimiser, schedule = _optimisation(model, int(budget["epochs"]), len(images))
    for epoch in range(int(budget["epochs"])):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    return model
