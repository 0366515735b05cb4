"""Your training matches one whose labels are out of step with the images: one is shuffled and the other is not.
Take the same rows of both."""

PARTS = ("training",)


def _descend(params, gradients, data, epochs, draw):
    x, labels = data
    velocity = {name: torch.zeros_like(w) for name, w in params.items()}
    steps, step = epochs * -(-len(x) // 32), 0
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=draw).split(32):
            _, grads = gradients(x[rows], labels[: len(rows)], params)
            params, velocity = sgd_momentum_step(params, grads, velocity, 0.05 * (1 - step / steps))
            step += 1
    return params
