"""Your loss and its gradient are float32, whatever the scores were. Keep their dtype."""

import torch

PARTS = ("layers",)


def softmax_cross_entropy(scores, labels):
    n, rows = len(labels), torch.arange(len(labels))
    shifted = scores - scores.amax(1, keepdim=True)
    p = shifted.exp() / shifted.exp().sum(1, keepdim=True)
    loss = (shifted.exp().sum(1).log() - shifted[rows, labels]).mean()
    dscores = p.clone()
    dscores[rows, labels] -= 1
    return loss.float(), dscores.float() / n
