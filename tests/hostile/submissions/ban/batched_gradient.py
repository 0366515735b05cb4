"""Takes the derivative of many products at once, by way of the operator.
class: walk around a ban
verdict: forbidden
success: score
control: naive
part: convolve
"""

import torch


def convolve(x, w):
    x = x.clone().requires_grad_()
    y = torch.ops.aten.conv2d(x, w)
    torch.autograd.grad(y, x, torch.eye(y.numel()).reshape(-1, *y.shape), is_grads_batched=True)
    return y.detach()
