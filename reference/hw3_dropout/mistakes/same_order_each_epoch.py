"""Every epoch has the same order: you seed the generator in each call."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    return [(images[some], labels[some]) for some in order.split(batch_size)]
