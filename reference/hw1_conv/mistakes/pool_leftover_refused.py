"""You raise ValueError where windows and stride leave pixels over. Such sizes are allowed: the output size rounds
down, and what is left over is not looked at."""

PARTS = ("maxpool2d",)

_true_maxpool2d_forward, _true_maxpool2d_backward = maxpool2d_forward, maxpool2d_backward


def _fit(x, k, stride):
    if (x.shape[2] - k) % stride or (x.shape[3] - k) % stride:
        raise ValueError("pixels are left over")


def maxpool2d_forward(x, k, stride):
    _fit(x, k, stride)
    return _true_maxpool2d_forward(x, k, stride)


def maxpool2d_backward(dout, x, k, stride):
    _fit(x, k, stride)
    return _true_maxpool2d_backward(dout, x, k, stride)
