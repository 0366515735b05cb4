"""Your output matches x wᵀ − b: the bias is added."""

PARTS = ("linear",)


def linear_forward(x, w, b):
    return x @ w.T - b
