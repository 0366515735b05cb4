"""Your gradient flows where an element was dropped, and is 0 where one was kept. The mask is True where kept."""

PARTS = ("backward",)


def dropout_backward(dout, mask, p):
    return dout * ~mask * _scale(p)
