"""Your relu_backward passes everything on, also where the layer cut its input off."""

PARTS = ("layers",)


def relu_backward(dout, x):
    return dout.clone()
