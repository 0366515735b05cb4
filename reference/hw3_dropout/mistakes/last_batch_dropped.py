"""You leave the last samples out, which do not fill a batch. They are the last, smaller batch."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    order = torch.randperm(len(images))
    return [(images[some], labels[some]) for some in order.split(batch_size) if len(some) == batch_size]
