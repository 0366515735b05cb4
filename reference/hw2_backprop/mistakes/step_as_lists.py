"""Your function returns lists. Dictionaries with the names of the parameters are asked for."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name, w in params.items():
        g = grads[name] + weight_decay * w
        v = momentum * velocity[name] + g
        new_velocity[name] = v
        new_params[name] = w - lr * v
    return list(new_params.values()), list(new_velocity.values())
