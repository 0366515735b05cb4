"""Your output has lost its axes of size 1: `squeeze` removes the axis of the units where there is one unit, and that of
the images where there is one image."""

PARTS = ("linear",)


def linear_forward(x, w, b):
    return (x @ w.T + b).squeeze()
