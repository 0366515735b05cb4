"""Your output matches weights that were reshaped to (D, M). That shuffles them: transpose instead, w.T."""

PARTS = ("linear",)


def linear_forward(x, w, b):
    return x @ w.reshape(w.shape[1], w.shape[0]) + b
