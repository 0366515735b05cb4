"""Your velocity points downhill: v ← momentum · v − lr · g and w ← w + v. Here it collects gradients, and the step is w
← w − lr · v."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name, w in params.items():
        g = grads[name] + weight_decay * w
        v = momentum * velocity[name] - lr * g
        new_velocity[name] = v
        new_params[name] = w + v
    return new_params, new_velocity
