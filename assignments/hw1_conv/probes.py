"""What grading does where a layer of yours is wrong: others stand in for yours, to see whether your LeNet is put
together correctly all the same. Each function is given your module first.
"""

import torch

from grader.guest.stand_ins import standing_in


def _seen(values):
    """One number for each row, in which every place has its own weight."""
    rows = values.flatten(1)
    return (rows * torch.linspace(1, 2, rows.shape[1], dtype=rows.dtype)).sum(1) / rows.shape[1] ** 0.5


def _conv2d_forward(x, w, b, stride=1, pad=0):
    k = w.shape[-1] - 1
    places = torch.linspace(1, 2, w.shape[1], dtype=x.dtype).reshape(-1, 1, 1)
    y = (x[:, :, k:, k:] * places).sum(1, keepdim=True) * _seen(w).reshape(-1, 1, 1) + b.reshape(-1, 1, 1)
    return y * stride + pad


def _relu_forward(x):
    return x / (1 + x.abs())


def _maxpool2d_forward(x, k, stride):
    return x[:, :, k - 1 :: stride, k - 1 :: stride].contiguous()  # as yours may be, for `view`


def _linear_forward(x, w, b):
    if x.shape[1] != w.shape[1]:
        raise ValueError(f"{x.shape[1]} features for {w.shape[1]} weights")
    return _seen(x)[:, None] * _seen(w) + b


STAND_INS = {  # none is a layer of LeNet's, but they have the same forms; relu and pooling may change places, as yours
    "conv2d_forward": _conv2d_forward,
    "relu_forward": _relu_forward,
    "maxpool2d_forward": _maxpool2d_forward,
    "linear_forward": _linear_forward,
}


def wired_lenet(module, x, params):
    """What your lenet makes of x, of other layers."""
    with standing_in(module, STAND_INS):
        return module.lenet(x, params)
