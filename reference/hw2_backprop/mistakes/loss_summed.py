"""Your loss is the sum over the batch, and so is its gradient. It is the mean: divide both by N."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    rows = torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted.exp().sum(1).log() - shifted[rows, labels]).sum()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores
