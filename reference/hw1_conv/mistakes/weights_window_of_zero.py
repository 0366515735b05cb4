"""Your `count_weights` takes a window of 0 for no window at all: `if not k` is true for both. Ask `k is None`; k = 0 is
a ValueError."""

PARTS = ("output_size",)


def count_weights(n_in, n_out, k=None, shared=False):
    if not k:
        if shared:
            raise ValueError("sharing needs a window")
        return n_in * n_out
    if not 1 <= k <= n_in:
        raise ValueError("the window does not fit")
    return k if shared else n_out * k
