"""Your step takes what stands at the same place in the three dictionaries. What belongs together has the same name, at
whatever place."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new, moved = {}, {}
    for (name, w), g, v in zip(params.items(), grads.values(), velocity.values(), strict=True):
        new[name] = momentum * v + g + weight_decay * w
        moved[name] = w - lr * new[name]
    return moved, new
