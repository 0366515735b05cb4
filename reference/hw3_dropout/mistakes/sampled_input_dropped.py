"""Your samples drop elements of x too. Only hidden units are dropped."""

import torch

PARTS = ("ensemble",)


def sampled_ensemble(x, layers, p, n_samples):
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for _ in range(n_samples):
        h = dropout_forward(x, p)[0]
        for w, b in layers[:-1]:
            h = (h @ w + b).relu()
            h, _ = dropout_forward(h, p)
        total += h @ layers[-1][0] + layers[-1][1]
    return total / n_samples
