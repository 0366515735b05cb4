"""Attention with a single head, forwards and backwards."""

import math


def softmax(x):
    """The softmax over the last axis of x, a float tensor of any shape."""
    e = (x - x.amax(-1, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)


def attention(q, k, v):
    """softmax(q kᵀ / √d) v: q is (n, d), k is (m, d), v is (m, c); the answer is (n, c)."""
    return softmax(q @ k.T / math.sqrt(q.shape[1])) @ v


def attention_backward(dout, q, k, v):
    """The gradients (dq, dk, dv) of (dout · attention(q, k, v)).sum()."""
    scale = math.sqrt(q.shape[1])
    a = softmax(q @ k.T / scale)
    da = dout @ v.T
    ds = a * (da - (da * a).sum(-1, keepdim=True))
    return ds @ k / scale, ds.T @ q / scale, a.T @ dout
