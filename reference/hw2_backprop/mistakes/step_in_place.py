"""Your step is right, but it writes into the tensors that it was given. Make new ones."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for name, w in params.items():
        velocity[name].mul_(momentum).add_(grads[name] + weight_decay * w)
        w.sub_(lr * velocity[name])
    return params, velocity
