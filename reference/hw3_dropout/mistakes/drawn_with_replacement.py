"""You draw each batch anew from all samples, so some come several times in an epoch and others never. Every sample
comes once."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    chosen = torch.randint(0, len(images), (len(images),))
    return [(images[some], labels[some]) for some in chosen.split(batch_size)]
