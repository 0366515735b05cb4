"""Your labels belong to other images: one of the two was put into another order."""

PARTS = ("tournament",)


def train(model: nn.Module, batches: Any) -> nn.Module:
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=len(batches), pct_start=0.25)
    model.train()
    for step, (images, labels) in enumerate(batches, 1):
        loss = F.cross_entropy(model(images), labels.roll(1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"step {step}: loss {loss.item():.3f}")
    return model
