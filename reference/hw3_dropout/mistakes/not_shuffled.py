"""Your samples come in their old order: nothing is shuffled."""

PARTS = ("batches",)


def shuffled_batches(images, labels, batch_size):
    _check_size("batch_size", batch_size, 1)
    return list(zip(images.split(batch_size), labels.split(batch_size), strict=True))
