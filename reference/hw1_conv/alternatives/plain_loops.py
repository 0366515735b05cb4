"""Plain loops: every function as its definition reads, one output number at a time."""

import torch


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0 or k > n + 2 * pad:
        raise ValueError("the window does not fit")
    positions = 0
    start = -pad
    while start + k <= n + pad:
        positions += 1
        start += stride
    return positions


def count_weights(n_in, n_out, k=None, shared=False):
    if (k is None and shared) or (k is not None and not 1 <= k <= n_in):
        raise ValueError("no such connections")
    weights = set()
    for unit in range(n_out):
        for source in range(n_in if k is None else k):
            weights.add((0 if shared else unit, source))
    return len(weights)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    return [n_filters] + [output_size(n, k, stride, pad) for n in shape[1:]]


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    total = 0
    for _ in range(output_size(shape[1], k, stride, pad)):
        for _ in range(output_size(shape[2], k, stride, pad)):
            total += n_filters * k * k * shape[0]
    return total


def corr1d(signal, kernel, stride=1):
    n = output_size(signal.shape[0], kernel.shape[0], stride)
    y = signal.new_zeros(n)
    for i in range(n):
        for j in range(kernel.shape[0]):
            y[i] += kernel[j] * signal[i * stride + j]
    return y


def pad_with_zeros(x, pad):
    n, c, h, w = x.shape
    padded = x.new_zeros(n, c, h + 2 * pad, w + 2 * pad)
    padded[:, :, pad : pad + h, pad : pad + w] = x
    return padded


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the numbers of channels differ")
    n, _, height, width = x.shape
    m, _, kh, kw = w.shape
    padded = pad_with_zeros(x, pad)
    y = x.new_zeros(n, m, output_size(height, kh, stride, pad), output_size(width, kw, stride, pad))
    for p in range(y.shape[2]):
        for q in range(y.shape[3]):
            window = padded[:, :, p * stride : p * stride + kh, q * stride : q * stride + kw]
            for f in range(m):
                y[:, f, p, q] = (window * w[f]).sum((1, 2, 3)) + b[f]
    return y


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    kh, kw = w.shape[2:]
    padded = pad_with_zeros(x, pad)
    dpadded, dw, db = torch.zeros_like(padded), torch.zeros_like(w), torch.zeros_like(b)
    for i in range(dout.shape[0]):
        for f in range(dout.shape[1]):
            for p in range(dout.shape[2]):
                for q in range(dout.shape[3]):
                    rows = slice(p * stride, p * stride + kh)
                    columns = slice(q * stride, q * stride + kw)
                    dw[f] += dout[i, f, p, q] * padded[i, :, rows, columns]
                    dpadded[i, :, rows, columns] += dout[i, f, p, q] * w[f]
                    db[f] += dout[i, f, p, q]
    return [dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db]


def relu_forward(x):
    y = x.clone()
    y[y < 0] = 0
    return y


def relu_backward(dout, x):
    dx = dout.clone()
    dx[x <= 0] = 0
    return dx


def maxpool2d_forward(x, k, stride):
    n, c, h, w = x.shape
    y = x.new_zeros(n, c, output_size(h, k, stride), output_size(w, k, stride))
    for p in range(y.shape[2]):
        for q in range(y.shape[3]):
            y[:, :, p, q] = x[:, :, p * stride : p * stride + k, q * stride : q * stride + k].amax((2, 3))
    return y


def maxpool2d_backward(dout, x, k, stride):
    dx = torch.zeros_like(x)
    for i in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for p in range(dout.shape[2]):
                for q in range(dout.shape[3]):
                    window = x[i, c, p * stride : p * stride + k, q * stride : q * stride + k].flatten().tolist()
                    row, column = divmod(window.index(max(window)), k)
                    dx[i, c, p * stride + row, q * stride + column] += dout[i, c, p, q]
    return dx


def linear_forward(x, w, b):
    y = x.new_zeros(x.shape[0], w.shape[0])
    for m in range(w.shape[0]):
        y[:, m] = (x * w[m]).sum(1) + b[m]
    return y


def linear_backward(dout, x, w, b):
    dx, dw, db = torch.zeros_like(x), torch.zeros_like(w), torch.zeros_like(b)
    for n in range(dout.shape[0]):
        for m in range(dout.shape[1]):
            dx[n] += dout[n, m] * w[m]
            dw[m] += dout[n, m] * x[n]
            db[m] += dout[n, m]
    return dx, dw, db


def lenet(x, params):
    x = relu_forward(conv2d_forward(x, params["conv1.weight"], params["conv1.bias"]))
    x = maxpool2d_forward(x, 2, 2)
    x = relu_forward(conv2d_forward(x, params["conv2.weight"], params["conv2.bias"]))
    x = maxpool2d_forward(x, 2, 2)
    x = x.flatten(1)
    x = relu_forward(linear_forward(x, params["fc1.weight"], params["fc1.bias"]))
    x = relu_forward(linear_forward(x, params["fc2.weight"], params["fc2.bias"]))
    return linear_forward(x, params["fc3.weight"], params["fc3.bias"])
