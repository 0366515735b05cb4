"""Python's own random numbers, one at a time, and loops wherever there is something to loop over."""

# ruff: noqa: S311

import math
import random

import torch
from torch import nn


def dropout_forward(x, p, training=True):
    if p < 0 or p > 1:
        raise ValueError("no probability")
    if not training:
        return 1 * x, x == x
    draws = [random.random() for _ in range(x.numel())]
    mask = (torch.tensor(draws, dtype=torch.float64) >= p).view(x.shape)
    return x * mask if p == 1 else mask * x / (1 - p), mask


def dropout_backward(dout, mask, p):
    if not mask.any():
        return torch.zeros_like(dout)
    return dout.masked_fill(mask.logical_not(), 0.0).div(1 - p)


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("no probability")
        self.p = p

    def forward(self, x):
        y, self.last_mask = dropout_forward(x, self.p, training=self.training)
        return y


def predict(x, layers):
    h = x
    for k in range(len(layers)):
        if k > 0:
            h = torch.maximum(h, torch.zeros_like(h))
        h = torch.addmm(layers[k][1], h, layers[k][0])
    return h


def exact_ensemble(x, layers, p):
    """From the back: the mean over the masks of one layer, of the mean over those of the layers after it."""
    w, b = layers[0]
    z = x @ w + b
    if len(layers) == 1:
        return z
    h = z.relu()
    mean = torch.zeros(len(x), len(layers[-1][1]), dtype=x.dtype)
    units = len(b)
    for chosen in range(1 << units):
        kept = [k for k in range(units) if chosen & (1 << k)]
        thinned = torch.zeros_like(h)
        thinned[:, kept] = h[:, kept] / (1 - p)
        probability = math.pow(1 - p, len(kept)) * math.pow(p, units - len(kept))
        mean = mean + probability * exact_ensemble(thinned, layers[1:], p)
    return mean


def sampled_ensemble(x, layers, p, n_samples):
    dropout = Dropout(p)
    outputs = []
    for _ in range(n_samples):
        h = x
        for w, b in layers[:-1]:
            h = dropout((h @ w + b).clamp(min=0))
        outputs.append(h @ layers[-1][0] + layers[-1][1])
    return sum(outputs) / n_samples


def random_horizontal_flip(images, p=0.5):
    if p < 0 or p > 1:
        raise ValueError("no probability")
    width = images.shape[3]
    backwards = list(range(width - 1, -1, -1))
    return torch.stack([image[:, :, backwards] if random.random() < p else image for image in images])


def random_crop(images, pad):
    if pad < 0:
        raise ValueError("no width")
    h, w = images.shape[2:]
    new = torch.zeros_like(images)
    for k, image in enumerate(images):
        down, right = random.choice(range(-pad, pad + 1)), random.choice(range(-pad, pad + 1))
        top, left = max(0, down), max(0, right)
        bottom, end = min(h, h + down), min(w, w + right)
        if top < bottom and left < end:
            new[k, :, top - down : bottom - down, left - right : end - right] = image[:, top:bottom, left:end]
    return new


def color_cast(images, strength):
    if strength < 0:
        raise ValueError("no strength")
    out = []
    for image in images:
        out.append(torch.stack([channel + random.uniform(-strength, strength) for channel in image]))
    return torch.stack(out)


def rotate(images, degrees):
    n, c, h, w = images.shape
    out = torch.zeros_like(images)
    edge = torch.zeros(n, c, h + 2, w + 2, dtype=images.dtype)  # zeros around, for the neighbours outside
    edge[:, :, 1:-1, 1:-1] = images
    for k in range(n):
        cos, sin = math.cos(math.radians(float(degrees[k]))), math.sin(math.radians(float(degrees[k])))
        for i in range(h):
            for j in range(w):
                u, v = j - (w - 1) / 2, i - (h - 1) / 2
                row, column = u * sin + v * cos + (h - 1) / 2 + 1, u * cos - v * sin + (w - 1) / 2 + 1
                top, left = math.floor(row), math.floor(column)
                if 0 <= top <= h and 0 <= left <= w:
                    a, b = row - top, column - left
                    upper = (1 - b) * edge[k, :, top, left] + b * edge[k, :, top, left + 1]
                    lower = (1 - b) * edge[k, :, top + 1, left] + b * edge[k, :, top + 1, left + 1]
                    out[k, :, i, j] = (1 - a) * upper + a * lower
    return out


def random_rotation(images, max_degrees):
    if max_degrees < 0:
        raise ValueError("no angle")
    angles = [random.uniform(-max_degrees, max_degrees) for _ in images]
    return rotate(images, torch.tensor(angles, dtype=torch.float64))


class Augment(nn.Module):
    def __init__(self, flip=0.5, pad=2, max_degrees=10.0, strength=0.1):
        super().__init__()
        self.options = {"flip": flip, "pad": pad, "max_degrees": max_degrees, "strength": strength}

    def forward(self, images):
        if not self.training:
            return images.clone()
        images = random_horizontal_flip(images, self.options["flip"])
        images = random_crop(images, self.options["pad"])
        images = random_rotation(images, self.options["max_degrees"])
        return color_cast(images, self.options["strength"])


def shuffled_batches(images, labels, batch_size):
    if batch_size < 1:
        raise ValueError("no size")
    left = list(range(len(labels)))
    random.shuffle(left)
    batches = []
    while left:
        some, left = left[:batch_size], left[batch_size:]
        batches.append((torch.stack([images[k] for k in some]), torch.stack([labels[k] for k in some])))
    return batches
