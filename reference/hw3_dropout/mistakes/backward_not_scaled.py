"""Your `dx` is not scaled. y was x / (1 − p) where kept, so its gradient is divided by 1 − p too."""

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout * mask
