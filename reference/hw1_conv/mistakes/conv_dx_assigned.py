"""Your `dx` matches windows that overwrite each other. Where windows overlap, a pixel receives gradient from each of
them: use += and not =."""

import torch

PARTS = ("conv2d_backward",)


_true_conv2d_backward = conv2d_backward


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    _, dw, db = _true_conv2d_backward(dout, x, w, b, stride, pad)
    dpadded = _pad(torch.zeros_like(x), pad)
    for p in range(dout.shape[2]):
        for q in range(dout.shape[3]):
            rows, columns = slice(p * stride, p * stride + w.shape[2]), slice(q * stride, q * stride + w.shape[3])
            dpadded[:, :, rows, columns] = torch.einsum("nm,mcij->ncij", dout[:, :, p, q], w)
    return dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db
