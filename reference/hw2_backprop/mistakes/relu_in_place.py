"""Your relu is right, but it overwrites its input, which the way back still needs."""

PARTS = ("layers",)


def relu_forward(x):
    return x.clamp_(min=0)
