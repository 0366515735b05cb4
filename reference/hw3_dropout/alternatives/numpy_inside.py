"""numpy's generator and numpy's arrays; bilinear interpolation by hand."""

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng()


def probability(p):
    if p < 0 or p > 1:
        raise ValueError("p has to be in [0, 1]")
    return p


def dropout_forward(x, p, training=True):
    probability(p)
    a = x.detach().numpy()
    mask = np.ones(a.shape, dtype=bool)
    if training:
        mask = rng.random(a.shape) < 1 - p
    y = np.where(mask, a / (1 - p) if training and p < 1 else a, 0).astype(a.dtype)
    return torch.from_numpy(y), torch.from_numpy(mask)


def dropout_backward(dout, mask, p):
    dx = torch.zeros_like(dout)
    if p < 1:
        dx[mask] = dout[mask] / (1 - p)
    return dx


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = probability(p)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        return dropout_forward(x, self.p)[0]


def run(x, layers, drop):
    h = x.numpy()
    for i, (w, b) in enumerate(layers):
        h = h @ w.numpy() + b.numpy()
        if i < len(layers) - 1:
            h = drop(i, np.maximum(h, 0))
    return torch.from_numpy(h)


def predict(x, layers):
    return run(x, layers, lambda i, h: h)


def exact_ensemble(x, layers, p):
    sizes = [b.numel() for _, b in layers[:-1]]
    ends = np.cumsum([0, *sizes])
    y = 0
    for number in range(2 ** sum(sizes)):
        bits = np.array([number >> k & 1 for k in range(sum(sizes))])
        weight = float(np.prod(np.where(bits == 1, 1 - p, p)))  # of no bits: 1
        y = y + weight * run(
            x, layers, lambda i, h, bits=bits: h * bits[ends[i] : ends[i + 1]].astype(h.dtype) / (1 - p)
        )
    return y


def sampled_ensemble(x, layers, p, n_samples):
    def drop(i, h):
        return h * (rng.random(h.shape) >= p) / (1 - p)

    return torch.stack([run(x, layers, drop) for _ in range(n_samples)]).mean(0)


def random_horizontal_flip(images, p=0.5):
    probability(p)
    out = images.clone()
    chosen = torch.from_numpy(rng.random(len(images)) < p)
    out[chosen] = out[chosen].flip(-1)
    return out


def random_crop(images, pad):
    if pad < 0:
        raise ValueError("pad < 0")
    n, _, h, w = images.shape
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.empty(images.shape, padded.dtype)
    for k in range(n):
        i, j = rng.integers(0, 2 * pad, size=2, endpoint=True)
        out[k] = padded[k, :, i : i + h, j : j + w]
    return torch.from_numpy(out)


def color_cast(images, strength):
    if strength < 0:
        raise ValueError("strength < 0")
    n, c = images.shape[:2]
    offset = rng.uniform(-strength, strength, (n, c, 1, 1))
    return torch.from_numpy((images.numpy() + offset).astype(images.numpy().dtype))


def rotate(images, degrees):
    a = images.numpy().astype(np.float64)
    n, c, h, w = a.shape
    t = np.radians(degrees.numpy().astype(np.float64)).reshape(-1, 1, 1)
    v, u = np.mgrid[:h, :w].astype(np.float64)
    u, v = u - (w - 1) / 2, v - (h - 1) / 2
    column = u * np.cos(t) - v * np.sin(t) + (w - 1) / 2
    row = u * np.sin(t) + v * np.cos(t) + (h - 1) / 2
    out = np.zeros_like(a)
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    k = np.arange(n)[:, None, None]
    for i in (top, top + 1):
        for j in (left, left + 1):
            inside = (i >= 0) & (i < h) & (j >= 0) & (j < w)
            weight = (1 - np.abs(row - i)) * (1 - np.abs(column - j)) * inside
            pixel = a[k, :, np.clip(i, 0, h - 1), np.clip(j, 0, w - 1)]  # (n, h, w, c)
            out += (weight[..., None] * pixel).transpose(0, 3, 1, 2)
    return torch.from_numpy(out.astype(images.numpy().dtype))


def random_rotation(images, max_degrees):
    if max_degrees < 0:
        raise ValueError("max_degrees < 0")
    return rotate(images, torch.from_numpy(rng.uniform(-max_degrees, max_degrees, len(images))))


class Augment(nn.Module):
    def __init__(self, flip=0.5, pad=2, max_degrees=10.0, strength=0.1):
        super().__init__()
        self.steps = [
            (random_horizontal_flip, flip),
            (random_crop, pad),
            (random_rotation, max_degrees),
            (color_cast, strength),
        ]

    def forward(self, images):
        if self.training:
            for step, option in self.steps:
                images = step(images, option)
        return images


def shuffled_batches(images, labels, batch_size):
    if batch_size < 1:
        raise ValueError("batch_size < 1")
    order = rng.permutation(len(images))
    chunks = [order[k : k + batch_size] for k in range(0, len(order), batch_size)]
    return [(images[chunk], labels[chunk]) for chunk in chunks]
