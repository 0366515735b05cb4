"""Seven nested loops over Python's own numbers, and nothing of torch but tensors in and out."""

import operator
import random

import torch


def output_size(n, k, stride=1, pad=0):
    if n <= 0 or k <= 0 or stride <= 0 or pad < 0 or n + 2 * pad < k:
        raise ValueError("no window fits")
    return len(range(0, n + 2 * pad - k + 1, stride))


def count_weights(n_in, n_out, k=None, shared=False):
    if k is None:
        if shared:
            raise ValueError("which window is shared?")
        k = n_in
    if k < 1 or k > n_in:
        raise ValueError("no such window")
    total = 0
    for _ in range(1 if shared else n_out):
        for _ in range(k):
            total += 1
    return total


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    return n_filters, output_size(shape[1], k, stride, pad), output_size(shape[2], k, stride, pad)


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    m, height, width = conv_output_shape(shape, n_filters, k, stride, pad)
    each = 0
    for _ in range(shape[0]):
        for _ in range(k):
            for _ in range(k):
                each += 1
    return each * m * height * width


def corr1d(signal, kernel, stride=1):
    numbers, factors = signal.tolist(), kernel.tolist()
    y = []
    for i in range(output_size(len(numbers), len(factors), stride)):
        total = 0.0
        for j in range(len(factors)):
            total += factors[j] * numbers[i * stride + j]
        y.append(total)
    return torch.tensor(y, dtype=signal.dtype)


def zeros(*sizes):
    """Nested lists of zeros."""
    if len(sizes) == 1:
        return [0.0] * sizes[0]
    return [zeros(*sizes[1:]) for _ in range(sizes[0])]


def padded(x, pad):
    """The images as nested lists, with a border of zeros."""
    n, c, h, w = x.shape
    numbers, wide = x.tolist(), zeros(n, c, h + 2 * pad, w + 2 * pad)
    for i in range(n):
        for k in range(c):
            for r in range(h):
                wide[i][k][r + pad][pad : pad + w] = numbers[i][k][r]
    return wide


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the channels differ")
    m, c, kh, kw = w.shape
    height, width = output_size(x.shape[2], kh, stride, pad), output_size(x.shape[3], kw, stride, pad)
    images, filters, biases = padded(x, pad), w.tolist(), b.tolist()
    y = zeros(len(images), m, height, width)
    for n in range(len(images)):
        for f in range(m):
            for p in range(height):
                for q in range(width):
                    total = biases[f]
                    for k in range(c):
                        for i in range(kh):
                            row, factors = images[n][k][p * stride + i], filters[f][k][i]
                            for j in range(kw):
                                total += factors[j] * row[q * stride + j]
                    y[n][f][p][q] = total
    return torch.tensor(y, dtype=x.dtype)


def conv2d_backward(dout, x, w, b, stride=1, pad=0, first=False):  # nobody asks the first layer for its dx
    m, c, kh, kw = w.shape
    images, filters, sent = padded(x, pad), w.tolist(), dout.tolist()
    dimages = zeros(x.shape[0], c, x.shape[2] + 2 * pad, x.shape[3] + 2 * pad)
    dw, db = zeros(m, c, kh, kw), zeros(m)
    for n in range(len(images)):
        for f in range(m):
            for p in range(dout.shape[2]):
                for q in range(dout.shape[3]):
                    d = sent[n][f][p][q]
                    if not d:  # pooling and ReLU send nothing to most places
                        continue
                    db[f] += d
                    for k in range(c):
                        for i in range(kh):
                            row, drow = images[n][k][p * stride + i], dimages[n][k][p * stride + i]
                            factors, dfactors = filters[f][k][i], dw[f][k][i]
                            for j in range(kw):
                                dfactors[j] += d * row[q * stride + j]
                            if first:
                                continue
                            for j in range(kw):
                                drow[q * stride + j] += d * factors[j]
    dx = torch.tensor(dimages, dtype=x.dtype)[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, torch.tensor(dw, dtype=w.dtype), torch.tensor(db, dtype=b.dtype)


def relu_forward(x):
    return torch.tensor([v if v > 0 else 0.0 for v in x.flatten().tolist()], dtype=x.dtype).reshape(x.shape)


def relu_backward(dout, x):
    passed = [d if v > 0 else 0.0 for d, v in zip(dout.flatten().tolist(), x.flatten().tolist(), strict=True)]
    return torch.tensor(passed, dtype=dout.dtype).reshape(x.shape)


def winners(x, k, stride):
    """For each window its largest pixel: (image, channel, row and column of the window, its value, row, column)."""
    numbers = x.tolist()
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for p in range(output_size(x.shape[2], k, stride)):
                for q in range(output_size(x.shape[3], k, stride)):
                    best = p * stride, q * stride
                    for i in range(p * stride, p * stride + k):
                        for j in range(q * stride, q * stride + k):
                            if numbers[n][c][i][j] > numbers[n][c][best[0]][best[1]]:
                                best = i, j
                    yield n, c, p, q, numbers[n][c][best[0]][best[1]], *best


def maxpool2d_forward(x, k, stride):
    height, width = output_size(x.shape[2], k, stride), output_size(x.shape[3], k, stride)
    y = zeros(x.shape[0], x.shape[1], height, width)
    for n, c, p, q, value, _, _ in winners(x, k, stride):
        y[n][c][p][q] = value
    return torch.tensor(y, dtype=x.dtype)


def maxpool2d_backward(dout, x, k, stride):
    sent, dx = dout.tolist(), zeros(*x.shape)
    for n, c, p, q, _, i, j in winners(x, k, stride):
        dx[n][c][i][j] += sent[n][c][p][q]
    return torch.tensor(dx, dtype=x.dtype)


def dot(a, b):
    return sum(map(operator.mul, a, b))


def linear_forward(x, w, b):
    weights, biases = w.tolist(), b.tolist()
    y = [[dot(row, weights[m]) + biases[m] for m in range(len(weights))] for row in x.tolist()]
    return torch.tensor(y, dtype=x.dtype)


def linear_backward(dout, x, w, b):
    sent, by_unit, by_feature = dout.tolist(), list(zip(*dout.tolist())), list(zip(*x.tolist()))
    columns = list(zip(*w.tolist()))
    dx = [[dot(one, column) for column in columns] for one in sent]
    dw, db = [[dot(one, feature) for feature in by_feature] for one in by_unit], [sum(one) for one in by_unit]
    return torch.tensor(dx, dtype=x.dtype), torch.tensor(dw, dtype=w.dtype), torch.tensor(db, dtype=b.dtype)


def forward(x, params):
    """The scores, and what each layer was given, for the way back."""
    given = []
    for name in ("conv1", "conv2"):
        y = conv2d_forward(x, params[name + ".weight"], params[name + ".bias"])
        z = relu_forward(y)
        given.append((x, y, z))
        x = maxpool2d_forward(z, 2, 2)
    x = x.reshape(x.shape[0], -1)
    for name in ("fc1", "fc2", "fc3"):
        y = linear_forward(x, params[name + ".weight"], params[name + ".bias"])
        given.append((x, y, y))
        x = relu_forward(y)
    return y, given


def lenet(x, params):
    return forward(x, params)[0]


def backward(dscores, given, params):
    grads, d = {}, dscores
    for name, (x, y, _) in zip(("fc3", "fc2", "fc1"), reversed(given[2:]), strict=True):
        d = d if name == "fc3" else relu_backward(d, y)
        d, grads[name + ".weight"], grads[name + ".bias"] = linear_backward(
            d, x, params[name + ".weight"], params[name + ".bias"]
        )
    d = d.reshape(d.shape[0], -1, 2, 2)
    for name, (x, y, z) in zip(("conv2", "conv1"), reversed(given[:2]), strict=True):
        d = relu_backward(maxpool2d_backward(d, z, 2, 2), y)
        d, grads[name + ".weight"], grads[name + ".bias"] = conv2d_backward(
            d, x, params[name + ".weight"], params[name + ".bias"], first=name == "conv1"
        )
    return grads


def train_lenet(images, labels, epochs, seed):
    """A small network, as loops are slow: half a minute."""
    torch.manual_seed(seed)
    random.seed(seed)
    sizes = {"conv1": (4, 1, 3, 3), "conv2": (12, 4, 2, 2), "fc1": (48, 48), "fc2": (32, 48), "fc3": (10, 32)}
    params = {}
    for name, size in sizes.items():
        fan_in = size[1] * (size[2] * size[3] if len(size) == 4 else 1)
        params[name + ".weight"] = torch.randn(*size) * (2 / fan_in) ** 0.5
        params[name + ".bias"] = torch.zeros(size[0])
    velocity = {name: 0 * w for name, w in params.items()}
    x, steps, step = bordered(images), epochs * ((len(images) + 7) // 8), 0
    for epoch in range(epochs):
        order, loss = random.sample(range(len(x)), len(x)), 0.0
        for begin in range(0, len(x), 8):
            rows = order[begin : begin + 8]
            scores, given = forward(x[rows], params)
            d = torch.softmax(scores, 1)
            for n, row in enumerate(rows):
                loss -= float(torch.log(d[n, labels[row]]))
                d[n, labels[row]] -= 1
            for name, grad in backward(d / len(rows), given, params).items():
                velocity[name] = 0.9 * velocity[name] + grad
                params[name] = params[name] - 0.02 * (1 - step / steps) * velocity[name]
            step += 1
        print(f"epoch {epoch + 1}: loss {loss / len(x):.4f}")
    return params


def bordered(images):
    """Around 0, with two rows and columns of zeros on each side."""
    return torch.tensor(padded((images - 0.3) / 0.4, 2))


def lenet_scores(images, params):
    return lenet(bordered(images), params)
