"""You weigh a network by p for each unit that is kept. p is the probability to drop: it is 1 − p for each kept unit,
and p for each dropped one."""

from itertools import product

import torch

PARTS = ("ensemble",)


def exact_ensemble(x, layers, p):
    sizes = [len(b) for _, b in layers[:-1]]
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for kept in product([True, False], repeat=sum(sizes)):
        probability = p ** sum(kept) * (1 - p) ** (len(kept) - sum(kept))
        masks = list(torch.tensor(kept, dtype=torch.bool).split(sizes)) if sizes else []
        total += probability * _thinned(x, layers, masks, p)
    return total
