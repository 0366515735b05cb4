"""Your loss is negative: it is the mean of −log p."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted[rows, labels] - shifted.exp().sum(1).log()).mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
