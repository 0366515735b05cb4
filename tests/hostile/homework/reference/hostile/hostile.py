"""The model answer. CANARY-reference-5d0c2b6a9e174f83a1b7c6d2e8f40913"""

import torch

SECRET = "CANARY-reference-5d0c2b6a9e174f83a1b7c6d2e8f40913"


def scale(x):
    return 2 * x


def convolve(x, w):
    kh, kw = w.shape[2:]
    windows = x.unfold(2, kh, 1).unfold(3, kw, 1)
    return torch.einsum("nchwij,fcij->nfhw", windows, w)


def pool(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).amax((3, 5))


def normalise(x):
    return (x - x.mean(1, keepdim=True)) / (x.var(1, unbiased=False, keepdim=True) + 1e-5).sqrt()


def pair(x):
    return x + 1, x - 1


def count(x):
    return int((x > 0).sum())


class Model:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x


def build(factor):
    return Model(factor)


def refuse(n):
    if n < 0:
        raise ValueError("n is negative")
    return n * n


def witness(x):
    return x + 1
