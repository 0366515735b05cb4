"""Your loss is in bits, with a logarithm to the base 2. The natural logarithm is asked for; its gradient is what you
return."""

import math

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted.exp().sum(1).log2() - shifted[rows, labels] / math.log(2)).mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss, dscores / n
