"""Your loss is the mean score of the labels with its sign turned: the logarithm of the sum of exponentials is
missing."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = -shifted[rows, labels].mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
