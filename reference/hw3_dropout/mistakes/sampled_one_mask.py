"""All samples have the same masks: you draw once, before the loop. Then the mean of many is no better than one."""

import torch

PARTS = ("ensemble",)


def sampled_ensemble(x, layers, p, n_samples):
    h, masks = x, []
    for w, b in layers[:-1]:
        h = (h @ w + b).relu()
        masks.append(torch.rand(h.shape) >= p)
    return sum(_thinned(x, layers, masks, p) for _ in range(n_samples)) / n_samples
