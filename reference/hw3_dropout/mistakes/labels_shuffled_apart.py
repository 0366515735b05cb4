"""You shuffle images and labels by two permutations. One order for both."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    order, other = torch.randperm(len(images)), torch.randperm(len(images))
    return [(images[a], labels[b]) for a, b in zip(order.split(batch_size), other.split(batch_size), strict=True)]
