"""You take batch_size for the number of batches. It is the number of samples in each."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    order = torch.randperm(len(images))
    return [(images[some], labels[some]) for some in order.chunk(batch_size)]
