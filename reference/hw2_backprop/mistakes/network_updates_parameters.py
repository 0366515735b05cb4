"""Your gradients are right, but `params`, which your function was given, has changed: it takes a step, say, or takes
entries out. It is the caller's, so leave it as it is."""

PARTS = ("network",)


only_gradients = mlp_gradients


def mlp_gradients(x, labels, params):
    loss, grads = only_gradients(x, labels, params)
    for name, gradient in grads.items():
        params[name] -= 0.1 * gradient
    return loss, grads
