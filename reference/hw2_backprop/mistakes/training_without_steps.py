"""Your training matches one that computes gradients and never moves: the parameters stay what they were at the
start. Keep what `sgd_momentum_step` returns, for it changes nothing in place."""

PARTS = ("training",)


def _descend(params, gradients, data, epochs, draw):
    return params
