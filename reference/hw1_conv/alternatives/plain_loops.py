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


# Loops over single numbers would train for an hour. The same sums over all images at once, windows by Tensor.unfold:


def fast_conv(x, w, b):
    windows = x.unfold(2, w.shape[2], 1).unfold(3, w.shape[3], 1)  # (N, C, H', W', kh, kw)
    return torch.einsum("nchwij,mcij->nmhw", windows, w) + b[:, None, None], windows


def fast_conv_backward(dout, windows, x, w):
    dw = torch.einsum("nmhw,nchwij->mcij", dout, windows)
    dx = torch.zeros_like(x)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            dx[:, :, i : i + dout.shape[2], j : j + dout.shape[3]] += torch.einsum("nmhw,mc->nchw", dout, w[:, :, i, j])
    return dx, dw, dout.sum((0, 2, 3))


def fast_pool(x):
    windows = x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).transpose(3, 4).flatten(4)
    return windows.max(4)


def fast_pool_backward(dout, winners, shape):
    spread = torch.nn.functional.one_hot(winners, 4) * dout[..., None]
    return spread.unflatten(4, (2, 2)).transpose(3, 4).reshape(shape)


def with_border(images):
    return pad_with_zeros((images - 0.3) / 0.38, 2)


def train_lenet(images, labels, epochs, seed):
    torch.manual_seed(seed)
    names = ["conv1", "conv2", "fc1", "fc2", "fc3"]
    shapes = [(8, 1, 3, 3), (16, 8, 2, 2), (120, 64), (84, 120), (10, 84)]
    w = {n: torch.randn(s) * (1.6 / torch.ones(s)[0].sum()) ** 0.5 for n, s in zip(names, shapes)}
    b = {n: torch.zeros(s[0]) for n, s in zip(names, shapes)}
    vw, vb = {n: 0 * w[n] for n in names}, {n: 0 * b[n] for n in names}
    x = with_border(images)
    for epoch in range(epochs):
        rate = 0.03 * (1 - epoch / epochs)
        order = torch.randperm(len(x))
        for k in range(0, len(x), 32):
            rows = order[k : k + 32]
            x0 = x[rows]
            y1, seen1 = fast_conv(x0, w["conv1"], b["conv1"])
            p1, won1 = fast_pool(y1.clamp(min=0))
            y2, seen2 = fast_conv(p1, w["conv2"], b["conv2"])
            p2, won2 = fast_pool(y2.clamp(min=0))
            h0 = p2.flatten(1)
            h1 = (h0 @ w["fc1"].T + b["fc1"]).clamp(min=0)
            h2 = (h1 @ w["fc2"].T + b["fc2"]).clamp(min=0)
            d3 = torch.softmax(h2 @ w["fc3"].T + b["fc3"], 1)
            d3[torch.arange(len(rows)), labels[rows]] -= 1
            d3 /= len(rows)
            d2 = d3 @ w["fc3"] * (h2 > 0)
            d1 = d2 @ w["fc2"] * (h1 > 0)
            dw = {"fc3": d3.T @ h2, "fc2": d2.T @ h1, "fc1": d1.T @ h0}
            db = {"fc3": d3.sum(0), "fc2": d2.sum(0), "fc1": d1.sum(0)}
            dy2 = fast_pool_backward((d1 @ w["fc1"]).reshape(p2.shape), won2, y2.shape) * (y2 > 0)
            dp1, dw["conv2"], db["conv2"] = fast_conv_backward(dy2, seen2, p1, w["conv2"])
            dy1 = fast_pool_backward(dp1, won1, y1.shape) * (y1 > 0)
            _, dw["conv1"], db["conv1"] = fast_conv_backward(dy1, seen1, x0, w["conv1"])
            for n in names:
                vw[n], vb[n] = 0.9 * vw[n] + dw[n], 0.9 * vb[n] + db[n]
                w[n], b[n] = w[n] - rate * vw[n], b[n] - rate * vb[n]
    return w, b


def lenet_scores(images, params):
    w, b = params
    x = fast_pool(fast_conv(with_border(images), w["conv1"], b["conv1"])[0].clamp(min=0))[0]
    x = fast_pool(fast_conv(x, w["conv2"], b["conv2"])[0].clamp(min=0))[0].flatten(1)
    for name in ("fc1", "fc2"):
        x = (x @ w[name].T + b[name]).clamp(min=0)
    return x @ w["fc3"].T + b["fc3"]
