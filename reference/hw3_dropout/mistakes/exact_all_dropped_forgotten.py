"""You leave out the network whose hidden units are all dropped. It has its probability too, and an output: the last
bias."""

from itertools import product

import torch

PARTS = ("ensemble",)


def exact_ensemble(x, layers, p):
    sizes = [len(b) for _, b in layers[:-1]]
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for kept in list(product([True, False], repeat=sum(sizes)))[: 2 ** sum(sizes) - 1 or None]:
        probability = (1 - p) ** sum(kept) * p ** (len(kept) - sum(kept))
        masks = list(torch.tensor(kept, dtype=torch.bool).split(sizes)) if sizes else []
        total += probability * _thinned(x, layers, masks, p)
    return total
