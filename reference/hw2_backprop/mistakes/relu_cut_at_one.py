"""Your relu cuts off at 1 too. It is max(0, x), without a limit above."""

PARTS = ("layers",)


def relu_forward(x):
    return x.clamp(0, 1)
