"""You shuffle each batch by itself, so the same samples meet in every epoch. All samples are mixed."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    batches = []
    for some, own in zip(images.split(batch_size), labels.split(batch_size), strict=True):
        order = torch.randperm(len(some))
        batches.append((some[order], own[order]))
    return batches
