"""Your `dx` is empty where pad is 0: `pad:-pad` is then `0:0`. Cut with `pad : pad + height`."""

PARTS = ("conv2d_backward",)

_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, dw, db = _true_conv2d_backward(dout, _pad(x, pad), w, b, stride, 0)
    return dx[:, :, pad:-pad, pad:-pad], dw, db
