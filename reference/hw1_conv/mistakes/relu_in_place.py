"""Your output is right, but your function overwrites x. The backward pass needs the original x: make a new tensor
instead of assigning into the old one."""

PARTS = ("relu",)


def relu_forward(x):
    x[x < 0] = 0
    return x
