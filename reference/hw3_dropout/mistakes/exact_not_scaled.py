"""Your thinned networks do not scale what they keep. It is divided by 1 − p, in every hidden layer."""

from itertools import product

import torch

PARTS = ("ensemble",)


def exact_ensemble(x, layers, p):
    sizes = [len(b) for _, b in layers[:-1]]
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for kept in product([True, False], repeat=sum(sizes)):
        probability = (1 - p) ** sum(kept) * p ** (len(kept) - sum(kept))
        masks = list(torch.tensor(kept, dtype=torch.bool).split(sizes)) if sizes else []
        total += probability * _thinned(x, layers, masks, 0.0)
    return total
