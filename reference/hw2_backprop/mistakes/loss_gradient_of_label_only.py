"""Your dscores are −1/N at the labels and 0 elsewhere: the scores of the other classes are in the softmax's
denominator, and get p/N."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted.exp().sum(1).log() - shifted[rows, labels]).mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, (dscores - p) / n
