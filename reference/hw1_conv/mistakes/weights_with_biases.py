"""Your counts match weights and biases together. Only weights are asked for: leave out the bias that each unit
adds."""

PARTS = ("output_size",)


def count_weights(n_in, n_out, k=None, shared=False):
    if k is None:
        if shared:
            raise ValueError("sharing needs a window")
        return (n_in + 1) * n_out
    if not 1 <= k <= n_in:
        raise ValueError("the window does not fit")
    return k + 1 if shared else n_out * (k + 1)
