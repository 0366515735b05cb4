"""Your step is right, but it adds the weight decay into the gradients that it was given. Make a new tensor."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for name, w in params.items():
        grads[name] += weight_decay * w
    new = {name: momentum * velocity[name] + grads[name] for name in params}
    return {name: w - lr * new[name] for name, w in params.items()}, new
