"""You drop units of the first hidden layer only. All hidden layers have masks."""

from itertools import product

import torch

PARTS = ("ensemble",)


def exact_ensemble(x, layers, p):
    size = len(layers[0][1]) if len(layers) > 1 else 0
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for kept in product([True, False], repeat=size):
        probability = (1 - p) ** sum(kept) * p ** (len(kept) - sum(kept))
        h = x
        for i, (w, b) in enumerate(layers[:-1]):
            h = (h @ w + b).relu()
            if i == 0:
                h = h * torch.tensor(kept) * _scale(p)
        total += probability * (h @ layers[-1][0] + layers[-1][1])
    return total
