"""Your count with shared weights matches weights that are not shared. With sharing all units use the very same k
weights, so these are counted once."""

PARTS = ("output_size",)


def count_weights(n_in, n_out, k=None, shared=False):
    if k is None:
        if shared:
            raise ValueError("sharing needs a window")
        return n_in * n_out
    if not 1 <= k <= n_in:
        raise ValueError("the window does not fit")
    return n_out * k
