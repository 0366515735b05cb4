"""Your predict has no ReLU between its layers."""

PARTS = ("ensemble",)


def predict(x, layers):
    for w, b in layers:
        x = x @ w + b
    return x
