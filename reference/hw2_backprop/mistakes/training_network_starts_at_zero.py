"""Your network starts with all weights 0. Then no hidden unit differs from another, and no gradient ever tells
them apart: draw them at random."""

PARTS = ("training",)


def train_mlp(images, labels, epochs, seed):
    params = {"W1": torch.zeros(64, 64), "b1": torch.zeros(64), "W2": torch.zeros(64, 10), "b2": torch.zeros(10)}
    return _descend(params, mlp_gradients, (_flat(images), labels), epochs, torch.Generator().manual_seed(seed))
