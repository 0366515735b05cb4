"""You give all thinned networks the same weight, 1 / 2^J. Only with p = 0.5 are they equally probable."""

from itertools import product

import torch

PARTS = ("ensemble",)


def exact_ensemble(x, layers, p):
    sizes = [len(b) for _, b in layers[:-1]]
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for kept in product([True, False], repeat=sum(sizes)):
        probability = 2.0 ** -len(kept)
        masks = list(torch.tensor(kept, dtype=torch.bool).split(sizes)) if sizes else []
        total += probability * _thinned(x, layers, masks, p)
    return total
