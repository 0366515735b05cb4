"""Your loss adds a small number to the probability before the logarithm, so that it is wrong for improbable labels and
a little everywhere. Compute log p without p: s − max − log Σ exp(s − max)."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = -(p[rows, labels] + 1e-8).log().mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
