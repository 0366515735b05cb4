"""Your gradients are right, but your function takes a step with them: the parameters it was given have changed."""

PARTS = ("network",)


only_gradients = mlp_gradients


def mlp_gradients(x, labels, params):
    loss, grads = only_gradients(x, labels, params)
    for name, gradient in grads.items():
        params[name] -= 0.1 * gradient
    return loss, grads
