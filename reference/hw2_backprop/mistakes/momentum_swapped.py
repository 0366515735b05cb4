"""Your velocity keeps (1 − momentum) of itself and takes momentum of the gradient: the two are swapped, and the
gradient comes whole: v ← momentum · v + g."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name, w in params.items():
        g = grads[name] + weight_decay * w
        v = (1 - momentum) * velocity[name] + momentum * g
        new_velocity[name] = v
        new_params[name] = w - lr * v
    return new_params, new_velocity
