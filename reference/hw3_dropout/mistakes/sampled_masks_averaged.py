"""You average the masks and run the network once. The mean of the outputs is asked for, and with two hidden layers
that is something else."""

import torch

PARTS = ("ensemble",)


def sampled_ensemble(x, layers, p, n_samples):
    h = x
    for w, b in layers[:-1]:
        h = (h @ w + b).relu()
        h = h * (torch.rand(n_samples, *h.shape) >= p).double().mean(0).to(x.dtype) * _scale(p)
    return h @ layers[-1][0] + layers[-1][1]
