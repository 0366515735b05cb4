"""You shuffle the batches and leave the samples in them together. All samples are mixed."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    batches = list(zip(images.split(batch_size), labels.split(batch_size), strict=True))
    return [batches[k] for k in torch.randperm(len(batches)).tolist()]
