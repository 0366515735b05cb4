"""Your function returns the loss alone. Return (loss, dscores)."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    rows = torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted.exp().sum(1).log() - shifted[rows, labels]).mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss
