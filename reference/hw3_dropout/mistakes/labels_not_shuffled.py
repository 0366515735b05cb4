"""You shuffle the images and not their labels. One order for both."""

import torch

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    order = torch.randperm(len(images))
    return [
        (images[some], some_labels)
        for some, some_labels in zip(order.split(batch_size), labels.split(batch_size), strict=True)
    ]
