"""Your samples do not scale the units that they keep. Training divides by 1 − p, and so does each sample."""

import torch

PARTS = ("ensemble",)


def sampled_ensemble(x, layers, p, n_samples):
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for _ in range(n_samples):
        h = x
        for w, b in layers[:-1]:
            h = (h @ w + b).relu()
            h = h * (torch.rand(h.shape) >= p)
        total += h @ layers[-1][0] + layers[-1][1]
    return total / n_samples
