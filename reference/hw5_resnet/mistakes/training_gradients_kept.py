"""Your training adds up the gradients of all steps: `zero_grad` is missing."""

PARTS = ("training",)


def train(model: nn.Module, data: tuple[Tensor, Tensor], budget: dict[str, float]) -> nn.Module:
    images, labels = data
    model.train()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    batch = 32
    steps = int(budget["epochs"]) * -(-len(images) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.05, total_steps=steps, pct_start=0.2)
    for epoch in range(int(budget["epochs"])):
        total = 0.0
        for rows in torch.randperm(len(images)).split(batch):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    return model
