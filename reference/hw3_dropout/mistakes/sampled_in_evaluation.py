"""Your samples drop nothing: the network runs as in evaluation. The ensemble is made of thinned networks."""

import torch

PARTS = ("ensemble",)


def sampled_ensemble(x, layers, p, n_samples):
    total = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    for _ in range(n_samples):
        h = x
        for w, b in layers[:-1]:
            h = (h @ w + b).relu()
            h, _ = dropout_forward(h, p, training=False)
        total += h @ layers[-1][0] + layers[-1][1]
    return total / n_samples
