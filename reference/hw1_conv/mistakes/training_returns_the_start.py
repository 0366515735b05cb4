"""Your training matches one that never changes the parameters: the network guesses as it did at its start. Subtract the
rate times the gradient from each, in what you return."""

PARTS = ("training",)


_train = train_lenet


def train_lenet(images, labels, epochs, seed):
    return _train(images, labels, 0, seed)
