"""Your output matches a leaky ReLU: negative inputs leave a small negative trace. ReLU sets them to exactly 0."""

PARTS = ("relu",)


def relu_forward(x):
    return x.clamp(min=0) + 0.01 * x.clamp(max=0)
