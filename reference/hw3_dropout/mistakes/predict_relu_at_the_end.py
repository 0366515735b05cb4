"""Your predict applies a ReLU after the last layer. The output has none."""

PARTS = ("ensemble",)


def predict(x, layers):
    for w, b in layers:
        x = (x @ w + b).relu()
    return x
