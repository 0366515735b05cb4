"""Your `dw` matches images whose padding was replaced by nothing but a shift: with padding, the filters met the
padded image, so use that one, not `x`."""

import torch.nn.functional as F

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    dx, _, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    shifted = F.pad(x, (0, 2 * pad, 0, 2 * pad))
    _, dw, _ = _true_conv2d_backward(dout, shifted, w, b, stride, 0)
    return dx, dw, db
