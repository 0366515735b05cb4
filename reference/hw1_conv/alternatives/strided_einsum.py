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


def forward_and_backward(x, labels, params):
    kept = {}
    for name in ("conv1", "conv2"):
        kept[name] = x
        kept[name, "y"] = conv2d_forward(x, params[name + ".weight"], params[name + ".bias"])
        kept[name, "z"] = relu_forward(kept[name, "y"])
        x = maxpool2d_forward(kept[name, "z"], 2, 2)
    shape, x = x.shape, x.flatten(1)
    for name in ("fc1", "fc2", "fc3"):
        kept[name] = x
        kept[name, "y"] = linear_forward(x, params[name + ".weight"], params[name + ".bias"])
        x = relu_forward(kept[name, "y"])
    dout = torch.softmax(kept["fc3", "y"], 1)
    dout[range(len(labels)), labels] -= 1
    dout = dout / len(labels)
    grads = {}
    for name in ("fc3", "fc2", "fc1", "conv2", "conv1"):
        if name.startswith("conv"):
            dout = maxpool2d_backward(dout.reshape(shape) if name == "conv2" else dout, kept[name, "z"], 2, 2)
        if name != "fc3":
            dout = relu_backward(dout, kept[name, "y"])
        layer = conv2d_backward if name.startswith("conv") else linear_backward
        dout, dw, db = layer(dout, kept[name], params[name + ".weight"], params[name + ".bias"])
        grads[name + ".weight"], grads[name + ".bias"] = dw, db
    return grads


def start(seed):
    torch.manual_seed(seed)
    params = {}
    for name, shape in (
        ("conv1", (8, 1, 3, 3)),
        ("conv2", (16, 8, 2, 2)),
        ("fc1", (120, 64)),
        ("fc2", (84, 120)),
        ("fc3", (10, 84)),
    ):
        fan_in = torch.zeros(shape)[0].numel()
        params[name + ".weight"] = torch.randn(shape) * (1.5 / fan_in) ** 0.5
        params[name + ".bias"] = torch.zeros(shape[0])
    return params


def bordered(images):
    return torch.nn.functional.pad(images * 2 - 0.6, (2, 2, 2, 2))


def train_lenet(images, labels, epochs, seed):
    # Adam (Kingma and Ba, 2015), its bias correction in the step size.
    params = start(seed)
    first = {name: torch.zeros_like(value) for name, value in params.items()}
    second = {name: torch.zeros_like(value) for name, value in params.items()}
    x, step, last = bordered(images), 0, epochs * (len(images) // 16)
    for _epoch in range(epochs):
        order = torch.randperm(len(images))
        for start_at in range(0, len(images) - 15, 16):
            rows = order[start_at : start_at + 16]
            grads = forward_and_backward(x[rows], labels[rows], params)
            step += 1
            rate = 3e-3 * (1.02 - step / last) * (1 - 0.99**step) ** 0.5 / (1 - 0.9**step)
            for name in params:
                first[name] = 0.9 * first[name] + 0.1 * grads[name]
                second[name] = 0.99 * second[name] + 0.01 * grads[name] ** 2
                params[name] = params[name] - rate * first[name] / (second[name].sqrt() + 1e-8)
    return params


def lenet_scores(images, params):
    return lenet(bordered(images), params)
