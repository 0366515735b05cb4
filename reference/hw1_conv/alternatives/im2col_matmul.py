"""Index arithmetic gathers every window into a column; a layer is then one matrix product (the classic im2col)."""

import math

import torch
import torch.nn.functional as F


def output_size(n, k, stride=1, pad=0):
    if min(n, k, stride) < 1 or pad < 0 or n + 2 * pad < k:
        raise ValueError("the window does not fit")
    return math.floor((n + 2 * pad - k) / stride + 1)


def count_weights(n_in, n_out, k=None, shared=False):
    if shared and k is None:
        raise ValueError("sharing needs a window")
    if k is None:
        return n_in * n_out
    if not 0 < k <= n_in:
        raise ValueError("the window does not fit")
    return k * (1 if shared else n_out)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    return (n_filters, output_size(shape[1], k, stride, pad), output_size(shape[2], k, stride, pad))


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    return math.prod(conv_output_shape(shape, n_filters, k, stride, pad)) * shape[0] * k**2


def corr1d(signal, kernel, stride=1):
    starts = torch.arange(output_size(len(signal), len(kernel), stride)) * stride
    return signal[starts[:, None] + torch.arange(len(kernel))] @ kernel


def window_indices(h, w, kh, kw, stride):
    """(positions, kh·kw): where the pixels of each window lie in a flattened image of h×w; also (H', W')."""
    rows, columns = output_size(h, kh, stride), output_size(w, kw, stride)
    top = (torch.arange(rows) * stride).repeat_interleave(columns)
    left = (torch.arange(columns) * stride).repeat(rows)
    i = torch.arange(kh).repeat_interleave(kw)
    j = torch.arange(kw).repeat(kh)
    return (top[:, None] + i) * w + left[:, None] + j, (rows, columns)


def columns_of(x, kh, kw, stride):
    """(N, C, positions, kh·kw), the index used, and (H', W')."""
    index, size = window_indices(x.shape[2], x.shape[3], kh, kw, stride)
    return x.flatten(2)[:, :, index], index, size


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.size(1) != w.size(1):
        raise ValueError("the numbers of channels differ")
    columns, _, size = columns_of(F.pad(x, [pad] * 4), w.size(2), w.size(3), stride)
    matrix = columns.permute(0, 2, 1, 3).flatten(2)  # (N, positions, C·kh·kw)
    return torch.add(matrix @ w.flatten(1).t(), b).transpose(1, 2).reshape(len(x), len(w), *size)


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    padded = F.pad(x, [pad] * 4)
    columns, index, _ = columns_of(padded, w.size(2), w.size(3), stride)
    matrix = columns.permute(0, 2, 1, 3).flatten(2)
    d = dout.flatten(2)  # (N, M, positions)
    dw = torch.matmul(d, matrix).sum(0).reshape(w.shape)
    dcolumns = (d.transpose(1, 2) @ w.flatten(1)).reshape(len(x), -1, x.size(1), w.size(2) * w.size(3))
    dcolumns = dcolumns.permute(0, 2, 1, 3).flatten(2)
    flat = torch.zeros_like(padded).flatten(2)
    flat.index_add_(2, index.flatten(), dcolumns)
    dx = flat.reshape(padded.shape)
    if pad:
        dx = dx[:, :, pad:-pad, pad:-pad]
    return dx, dw, d.sum(2).sum(0)


def relu_forward(x):
    return torch.maximum(x, torch.zeros((), dtype=x.dtype))


def relu_backward(dout, x):
    return torch.where(x > 0, dout, torch.zeros_like(dout))


def maxpool2d_forward(x, k, stride):
    columns, _, size = columns_of(x, k, k, stride)
    return columns.max(dim=3).values.reshape(*x.shape[:2], *size)


def maxpool2d_backward(dout, x, k, stride):
    columns, index, _ = columns_of(x, k, k, stride)
    winner = columns.argmax(dim=3, keepdim=True)
    where = index.expand(columns.shape).gather(3, winner).squeeze(3)
    return torch.zeros_like(x).flatten(2).scatter_add(2, where, dout.flatten(2)).reshape(x.shape)


def linear_forward(x, w, b):
    return torch.addmm(b, x, w.t())


def linear_backward(dout, x, w, b):
    return torch.mm(dout, w), torch.mm(dout.t(), x), torch.sum(dout, dim=0)


def lenet(x, params):
    def layer(x, name, function):
        return function(x, params[name + ".weight"], params[name + ".bias"])

    x = maxpool2d_forward(relu_forward(layer(x, "conv1", conv2d_forward)), 2, 2)
    x = maxpool2d_forward(relu_forward(layer(x, "conv2", conv2d_forward)), 2, 2)
    x = relu_forward(layer(x.flatten(1), "fc1", linear_forward))
    x = relu_forward(layer(x, "fc2", linear_forward))
    return layer(x, "fc3", linear_forward)


def step(x, labels, params):
    """Each layer leaves a function on the tape that sends a gradient back through it."""
    tape, grads = [], {}

    def through(name, forward, backward, x):
        w, b = params[name + ".weight"], params[name + ".bias"]

        def back(d):
            d, grads[name + ".weight"], grads[name + ".bias"] = backward(d, x, w, b)
            return d

        tape.append(back)
        return forward(x, w, b)

    def rectify(x):
        tape.append(lambda d: relu_backward(d, x))
        return relu_forward(x)

    def pool(x):
        tape.append(lambda d: maxpool2d_backward(d, x, 2, 2))
        return maxpool2d_forward(x, 2, 2)

    def flatten(x):
        tape.append(lambda d: d.reshape(x.shape))
        return x.flatten(1)

    x = pool(rectify(through("conv1", conv2d_forward, conv2d_backward, x)))
    x = flatten(pool(rectify(through("conv2", conv2d_forward, conv2d_backward, x))))
    x = rectify(through("fc1", linear_forward, linear_backward, x))
    x = rectify(through("fc2", linear_forward, linear_backward, x))
    scores = through("fc3", linear_forward, linear_backward, x)
    d = (scores.softmax(1) - F.one_hot(labels, 10)) / scores.shape[0]
    while tape:
        d = tape.pop()(d)
    return grads


def train_lenet(images, labels, epochs, seed):
    # Momentum as an average of gradients, and a rate that is a tenth in the last quarter.
    draw = torch.Generator().manual_seed(seed)
    sizes = {"conv1": (8, 1, 3, 3), "conv2": (16, 8, 2, 2), "fc1": (120, 64), "fc2": (84, 120), "fc3": (10, 84)}
    params = {name + ".bias": torch.zeros(size[0]) for name, size in sizes.items()}
    for name, size in sizes.items():
        params[name + ".weight"] = torch.randn(size, generator=draw).mul_(math.sqrt(1.5 / math.prod(size[1:])))
    average = dict.fromkeys(params, 0.0)
    x = widened(images)
    for epoch in range(epochs):
        rate = 0.3 if epoch < 0.75 * epochs else 0.03
        for rows in torch.randperm(len(images), generator=draw).chunk(len(images) // 30):
            for name, grad in step(x[rows], labels[rows], params).items():
                average[name] = torch.lerp(grad, torch.as_tensor(average[name]).expand_as(grad), 0.9)
                params[name] = torch.sub(params[name], average[name], alpha=rate)
        print("epoch", epoch, "done")
    return params


def widened(images):
    return F.pad(2.6 * images - 0.8, (2, 2, 2, 2))


def lenet_scores(images, params):
    return lenet(widened(images), params)
