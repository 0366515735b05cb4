"""Your predict leaves the biases out."""

PARTS = ("ensemble",)


def predict(x, layers):
    for w, _ in layers[:-1]:
        x = (x @ w).relu()
    return x @ layers[-1][0]
