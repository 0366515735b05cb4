"""Your loss is the logarithm of a probability that has been rounded to 0. Subtract logarithms: log p = s − max − log Σ
exp(s − max)."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = -p[rows, labels].log().mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
