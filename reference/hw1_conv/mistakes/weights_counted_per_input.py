"""Your count of local weights matches one window per input. The windows belong to the hidden units: each of the n_out
units has k weights."""

PARTS = ("output_size",)


def count_weights(n_in, n_out, k=None, shared=False):
    if k is None:
        if shared:
            raise ValueError("sharing needs a window")
        return n_in * n_out
    if not 1 <= k <= n_in:
        raise ValueError("the window does not fit")
    return k if shared else n_in * k
