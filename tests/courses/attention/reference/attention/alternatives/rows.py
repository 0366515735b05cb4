"""Row by row, and with autograd for the gradients."""

import torch


def softmax(x):
    return torch.exp(x - torch.logsumexp(x, -1, keepdim=True))


def attention(q, k, v):
    rows = []
    for row in q:
        weights = softmax((k * row).sum(1) * q.shape[1] ** -0.5)
        rows.append((weights[:, None] * v).sum(0))
    return torch.stack(rows)


def attention_backward(dout, q, k, v):
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    return torch.autograd.grad((attention(*leaves) * dout).sum(), leaves)
