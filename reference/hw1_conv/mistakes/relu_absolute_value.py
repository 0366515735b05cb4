"""Your output matches the absolute value: negative inputs come out positive. ReLU sets them to 0."""

PARTS = ("relu",)


def relu_forward(x):
    return x.abs()
