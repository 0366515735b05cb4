"""Attention with a single head, forwards and backwards."""

import math


def softmax(x):
    """The softmax over the last axis of x, a float tensor of any shape."""
    raise NotImplementedError


def attention(q, k, v):
    """softmax(q kᵀ / √d) v: q is (n, d), k is (m, d), v is (m, c); the answer is (n, c)."""
    raise NotImplementedError


def attention_backward(dout, q, k, v):
    """The gradients (dq, dk, dv) of (dout · attention(q, k, v)).sum()."""
    raise NotImplementedError
