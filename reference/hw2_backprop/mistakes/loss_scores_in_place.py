"""Your loss is right, but it subtracts the maximum from the scores in place. Make a new tensor."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores.sub_(scores.amax(1, keepdim=True))
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted.exp().sum(1).log() - shifted[rows, labels]).mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
