"""as_strided makes all windows one six-dimensional view; einsum contracts it. Pooling before ReLU, as it commutes.

The backward pass of the convolution is a convolution too: dout, spread out by the stride and padded, is filtered with
the kernel turned by 180°.
"""

import torch


def output_size(n, k, stride=1, pad=0):
    if n <= 0 or k <= 0 or stride <= 0 or pad < 0:
        raise ValueError("sizes must be positive")
    starts = range(0, n + 2 * pad - k + 1, stride)
    if not starts:
        raise ValueError("the window does not fit")
    return len(starts)


def count_weights(n_in, n_out, k=None, shared=False):
    match (k, shared):
        case (None, True):
            raise ValueError("sharing needs a window")
        case (None, False):
            return n_in * n_out
    if k not in range(1, n_in + 1):
        raise ValueError("the window does not fit")
    return k if shared else k * n_out


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    _, *sides = shape
    return (n_filters, *(output_size(side, k, stride, pad) for side in sides))


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    m, h, w = conv_output_shape(shape, n_filters, k, stride=stride, pad=pad)
    return (k * k * shape[0]) * (h * w) * m


def corr1d(signal, kernel, stride=1):
    n = output_size(signal.numel(), kernel.numel(), stride)
    step = signal.stride(0)
    windows = torch.as_strided(signal, (n, kernel.numel()), (step * stride, step), signal.storage_offset())
    return torch.einsum("nk,k->n", windows, kernel)


def windows_of(x, kh, kw, stride):
    """The view (N, C, H', W', kh, kw) of x."""
    x = x.contiguous()
    n, c, h, w = x.shape
    size = (n, c, output_size(h, kh, stride), output_size(w, kw, stride), kh, kw)
    sn, sc, sh, sw = x.stride()
    return x.as_strided(size, (sn, sc, sh * stride, sw * stride, sh, sw))


def padded(x, rows, columns):
    y = torch.zeros(*x.shape[:2], x.shape[2] + 2 * rows, x.shape[3] + 2 * columns, dtype=x.dtype)
    y[:, :, rows : rows + x.shape[2], columns : columns + x.shape[3]] = x
    return y


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the numbers of channels differ")
    windows = windows_of(padded(x, pad, pad), *w.shape[2:], stride)
    return torch.einsum("nchwij,mcij->nmhw", windows, w) + b.view(1, -1, 1, 1)


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    kh, kw = w.shape[2:]
    image = padded(x, pad, pad)
    dw = torch.einsum("nmhw,nchwij->mcij", dout, windows_of(image, kh, kw, stride))
    # one cell per possible window start, so that rows and columns left over come out as zero
    spread = torch.zeros(*dout.shape[:2], image.shape[2] - kh + 1, image.shape[3] - kw + 1, dtype=dout.dtype)
    spread[:, :, ::stride, ::stride] = dout
    turned = w.flip(2, 3)
    dimage = torch.einsum("nmhwij,mcij->nchw", windows_of(padded(spread, kh - 1, kw - 1), kh, kw, 1), turned)
    dx = dimage.narrow(2, pad, x.shape[2]).narrow(3, pad, x.shape[3])
    return dx, dw, torch.einsum("nmhw->m", dout)


def relu_forward(x):
    return (x + x.abs()) / 2


def relu_backward(dout, x):
    return dout * torch.heaviside(x, torch.zeros((), dtype=x.dtype))


def maxpool2d_forward(x, k, stride):
    return windows_of(x, k, k, stride).amax((-2, -1))


def maxpool2d_backward(dout, x, k, stride):
    windows = windows_of(x, k, k, stride).flatten(-2)
    won = torch.zeros_like(windows).scatter(-1, windows.max(-1, keepdim=True).indices, 1.0) * dout.unsqueeze(-1)
    dx = torch.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            cells = won[:, :, i, j].unflatten(-1, (k, k))
            dx[:, :, i * stride : i * stride + k, j * stride : j * stride + k] += cells
    return dx


def linear_forward(x, w, b):
    return torch.einsum("nd,md->nm", x, w) + b


def linear_backward(dout, x, w, b):
    return torch.einsum("nm,md->nd", dout, w), torch.einsum("nm,nd->md", dout, x), torch.einsum("nm->m", dout)


def lenet(x, params):
    for name in ["conv1", "conv2"]:
        x = relu_forward(maxpool2d_forward(conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]), 2, 2))
    x = x.reshape(x.shape[0], params["fc1.weight"].shape[1])
    for name in ["fc1", "fc2", "fc3"]:
        x = linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"])
        if name != "fc3":
            x = relu_forward(x)
    return x
