"""Your loss adds a small number to the probability before the logarithm, so that it is wrong for improbable labels and
a little everywhere. Compute log p without p: s − max − log Σ exp(s − max)."""

import torch

PARTS = ("layers",)
SMALL = 1e-8
VARIANTS = {"SMALL": (1e-5, 1e-6, 1e-7, 1e-9, 1e-10, 1e-12)}


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = -(p[rows, labels] + SMALL).log().mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
