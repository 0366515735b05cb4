"""Your backward pass uses the mask of the last forward pass. It gets the mask that belongs to its gradient."""

PARTS = ("backward",)

_forward, _backward, _last = dropout_forward, dropout_backward, []


def dropout_forward(x, p, training=True):
    y, mask = _forward(x, p, training)
    _last[:] = [mask]
    return y, mask


def dropout_backward(dout, mask, p):
    if _last and _last[0].shape == dout.shape:
        mask = _last[0]
    return _backward(dout, mask, p)
