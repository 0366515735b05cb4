"""Your training climbs: the loss grows with each step. The gradient points uphill, so subtract it."""

PARTS = ("training",)


def _descend(params, gradients, data, epochs, draw):
    x, labels = data
    velocity = {name: torch.zeros_like(w) for name, w in params.items()}
    steps, step = epochs * -(-len(x) // 32), 0
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=draw).split(32):
            _, grads = gradients(x[rows], labels[rows], params)
            params, velocity = sgd_momentum_step(params, grads, velocity, -0.05 * (1 - step / steps))
            step += 1
    return params
