"""What grading does where a layer of yours is wrong: others stand in for yours, to see whether your mlp_gradients puts
them together correctly all the same. Each function is given your module first.
"""

import torch

from grader.guest.stand_ins import standing_in


def _seen(rows):
    """One number for each row, in which every place has its own weight."""
    return (rows * torch.linspace(1, 2, rows.shape[1], dtype=rows.dtype)).sum(1) / rows.shape[1] ** 0.5


def _affine_forward(x, w, b):
    if x.shape[1] != len(w):
        raise ValueError(f"{x.shape[1]} features for {len(w)} weights")
    return _seen(x)[:, None] * _seen(w.T) + 2 * b


def _affine_backward(dout, x, w):
    dx = _seen(dout)[:, None] * _seen(w)
    return dx, _seen(x.T)[:, None] * _seen(dout.T), 3 * _seen(dout.T)


def _relu_forward(x):
    return x / (1 + x.abs())


def _relu_backward(dout, x):
    return dout * (3 + x)


def _softmax_cross_entropy(scores, labels):
    targets = labels.to(scores.dtype)
    return scores.square().mean() + targets.mean(), 2 * scores - targets[:, None]


STAND_INS = {  # none is a layer of yours, but they have the same forms
    "affine_forward": _affine_forward,
    "affine_backward": _affine_backward,
    "relu_forward": _relu_forward,
    "relu_backward": _relu_backward,
    "softmax_cross_entropy": _softmax_cross_entropy,
}


def wired_mlp(module, x, labels, params):
    """What your mlp_gradients makes of a batch, of other layers."""
    with standing_in(module, STAND_INS):
        return module.mlp_gradients(x, labels, params)
