"""Your output matches x wᵀ without the bias: add b to every row."""

PARTS = ("linear",)


def linear_forward(x, w, b):
    return x @ w.T
