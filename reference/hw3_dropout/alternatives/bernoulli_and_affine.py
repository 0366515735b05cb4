"""Coins by torch.bernoulli, a generator of its own, affine_grid with the image's proportions, a layer that inherits."""

import torch
import torch.nn.functional as F
from torch import nn

coins = torch.Generator()
coins.seed()


def dropout_forward(x, p, training=True):
    if not (0.0 <= p <= 1.0):
        raise ValueError(p)
    if training is False:
        return x.clone(), torch.full(x.shape, True)
    mask = torch.bernoulli(torch.full(x.shape, 1.0 - p, dtype=torch.float64), generator=coins).bool()
    y = x.masked_fill(~mask, 0)
    return (y / (1.0 - p) if p < 1 else y), mask


def dropout_backward(dout, mask, p):
    return torch.where(mask, dout / max(1 - p, 1e-300), torch.zeros_like(dout))


class Dropout(nn.Dropout):
    def forward(self, x):
        return dropout_forward(x, self.p, self.training)[0]


def predict(x, layers):
    return sampled_ensemble(x, layers, 0.0, 1)


def exact_ensemble(x, layers, p):
    def go(h, rest):
        (w, b), *rest = rest
        z = torch.einsum("nd,de->ne", h, w) + b
        if not rest:
            return z
        h, total = z.clamp(min=0) / (1 - p), 0
        for number in range(2 ** h.shape[1]):
            mask = torch.tensor([float(digit) for digit in f"{number:0{h.shape[1]}b}"], dtype=x.dtype)
            total = total + (1 - p) ** mask.sum() * p ** (1 - mask).sum() * go(h * mask, rest)
        return total

    return go(x, layers)


def sampled_ensemble(x, layers, p, n_samples):
    h = x.repeat(n_samples, 1)  # all samples at once: the rows of a larger batch
    for i, (w, b) in enumerate(layers):
        h = h @ w + b
        if i + 1 < len(layers):
            h = dropout_forward(torch.relu(h), p)[0]
    return h.reshape(n_samples, len(x), -1).mean(0)


def random_horizontal_flip(images, p=0.5):
    if not (0.0 <= p <= 1.0):
        raise ValueError(p)
    flip = torch.empty(images.shape[0], 1, 1, 1).bernoulli_(p, generator=coins)
    return images * (1 - flip).to(images.dtype) + images.flip(3) * flip.to(images.dtype)


def random_crop(images, pad):
    if pad < 0:
        raise ValueError(pad)
    n, c, h, w = images.shape
    padded = F.pad(images, [pad] * 4)
    places = 2 * pad + 1
    place = torch.multinomial(torch.ones(places * places), n, replacement=True, generator=coins)
    rows = (place // places)[:, None] + torch.arange(h)
    columns = (place % places)[:, None] + torch.arange(w)
    return padded[
        torch.arange(n)[:, None, None, None],
        torch.arange(c)[:, None, None],
        rows[:, None, :, None],
        columns[:, None, None],
    ]


def color_cast(images, strength):
    if strength < 0:
        raise ValueError(strength)
    cast = torch.empty(images.shape[:2], dtype=images.dtype).uniform_(-1, 1, generator=coins) * strength
    return torch.einsum("nchw,nc->nchw", torch.ones_like(images), cast) + images


def rotate(images, degrees):
    n, _, h, w = images.shape
    angle = degrees.double() * torch.pi / 180
    c, s, z = angle.cos(), angle.sin(), torch.zeros(n, dtype=torch.float64)
    theta = torch.stack([torch.stack([c, -s * h / w, z], 1), torch.stack([s * w / h, c, z], 1)], 1)
    grid = F.affine_grid(theta.to(images.dtype), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def random_rotation(images, max_degrees):
    if max_degrees < 0:
        raise ValueError(max_degrees)
    return rotate(images, (torch.rand(len(images), generator=coins) - 0.5) * 2 * max_degrees)


class Augment(nn.Sequential):
    def __init__(self, flip=0.5, pad=2, max_degrees=10.0, strength=0.1):
        super().__init__()
        self.options = flip, pad, max_degrees, strength

    def forward(self, images):
        if not self.training:
            return images
        flip, pad, max_degrees, strength = self.options
        return color_cast(
            random_rotation(random_crop(random_horizontal_flip(images, flip), pad), max_degrees), strength
        )


def shuffled_batches(images, labels, batch_size):
    if batch_size < 1:
        raise ValueError(batch_size)
    order = torch.argsort(torch.rand(len(labels), generator=coins))
    images, labels = images[order], labels[order]
    return list(zip(images.split(batch_size), labels.split(batch_size)))
