"""numpy inside, torch outside: sliding windows and tensordot forward, scatter-add (np.add.at) backward."""

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view


def output_size(n, k, stride=1, pad=0):
    if n < 1 or k < 1 or stride < 1 or pad < 0:
        raise ValueError("sizes must be positive")
    rest = n + 2 * pad - k
    if rest < 0:
        raise ValueError("the window does not fit")
    return int(np.floor_divide(rest, stride)) + 1


def count_weights(n_in, n_out, k=None, shared=False):
    if shared and k is None:
        raise ValueError("sharing needs a window")
    if k is not None and not 1 <= k <= n_in:
        raise ValueError("the window does not fit")
    return (n_in if k is None else k) * (1 if shared else n_out)


def conv_output_shape(shape, n_filters, k, stride=1, pad=0):
    return (n_filters, *(output_size(n, k, stride, pad) for n in shape[1:]))


def count_multiplications(shape, n_filters, k, stride=1, pad=0):
    return int(np.prod(conv_output_shape(shape, n_filters, k, stride, pad)) * np.prod([shape[0], k, k]))


def corr1d(signal, kernel, stride=1):
    if stride < 1:
        raise ValueError("the stride must be positive")
    return torch.from_numpy(sliding_window_view(signal.numpy(), len(kernel))[::stride] @ kernel.numpy())


def windows_of(x, kh, kw, stride):
    """(N, C, H', W', kh, kw); numpy itself raises ValueError where the window does not fit."""
    return sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]


def zero_padded(x, pad):
    return np.pad(x.numpy(), ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def conv2d_forward(x, w, b, stride=1, pad=0):
    if x.shape[1] != w.shape[1]:
        raise ValueError("the numbers of channels differ")
    windows = windows_of(zero_padded(x, pad), w.shape[2], w.shape[3], stride)
    y = np.tensordot(windows, w.numpy(), axes=((1, 4, 5), (1, 2, 3)))  # (N, H', W', M)
    return torch.from_numpy(np.ascontiguousarray((y + b.numpy()).transpose(0, 3, 1, 2)))


def window_pixels(y_shape, kh, kw, stride):
    """Row and column of every pixel of every window, each (H', W', kh, kw)."""
    p, q, i, j = np.ogrid[: y_shape[2], : y_shape[3], :kh, :kw]
    return np.broadcast_arrays(p * stride + i, q * stride + j)


def conv2d_backward(dout, x, w, b, stride=1, pad=0):
    kh, kw = w.shape[2:]
    image, d = zero_padded(x, pad), dout.numpy()
    dw = np.tensordot(d, windows_of(image, kh, kw, stride), axes=((0, 2, 3), (0, 2, 3)))
    dwindows = np.moveaxis(np.tensordot(d, w.numpy(), axes=(1, 0)), 3, 1)  # (N, C, H', W', kh, kw)
    dimage = np.zeros_like(image)
    np.add.at(dimage, (slice(None), slice(None), *window_pixels(d.shape, kh, kw, stride)), dwindows)
    dx = dimage[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return torch.tensor(dx), torch.tensor(dw), torch.tensor(d.sum((0, 2, 3)))


def relu_forward(x):
    return torch.from_numpy(np.where(x.numpy() < 0, x.numpy().dtype.type(0), x.numpy()))


def relu_backward(dout, x):
    return dout.masked_fill(x <= 0, 0)


def maxpool2d_forward(x, k, stride):
    return torch.from_numpy(windows_of(x.numpy(), k, k, stride).max((4, 5)))


def maxpool2d_backward(dout, x, k, stride):
    windows = windows_of(x.numpy(), k, k, stride)
    row, column = np.divmod(windows.reshape(*windows.shape[:4], -1).argmax(-1), k)
    n, c, p, q = np.indices(dout.shape)
    dx = np.zeros(x.shape, x.numpy().dtype)
    np.add.at(dx, (n, c, p * stride + row, q * stride + column), dout.numpy())
    return torch.from_numpy(dx)


def linear_forward(x, w, b):
    return torch.from_numpy(np.inner(x.numpy(), w.numpy()) + b.numpy())


def linear_backward(dout, x, w, b):
    d = dout.numpy()
    return torch.from_numpy(d @ w.numpy()), torch.from_numpy(d.T @ x.numpy()), torch.from_numpy(d.sum(0))


def lenet(x, params):
    weight = {name.removesuffix(".weight"): value for name, value in params.items() if name.endswith(".weight")}
    bias = {name.removesuffix(".bias"): value for name, value in params.items() if name.endswith(".bias")}
    for name in ("conv1", "conv2"):
        x = maxpool2d_forward(relu_forward(conv2d_forward(x, weight[name], bias[name])), 2, 2)
    x = torch.flatten(x, start_dim=1)
    x = relu_forward(linear_forward(x, weight["fc1"], bias["fc1"]))
    x = relu_forward(linear_forward(x, weight["fc2"], bias["fc2"]))
    return linear_forward(x, weight["fc3"], bias["fc3"])


class Net:
    """A LeNet of 8 and 16 maps, as lists of weights and biases; it learns by `learn` and is handed in by `params`."""

    NAMES = ("conv1", "conv2", "fc1", "fc2", "fc3")
    SHAPES = ((8, 1, 3, 3), (16, 8, 2, 2), (120, 64), (84, 120), (10, 84))

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        gains = (1.5, 1.5, 1.5, 1.5, 0.4)
        self.rng = rng
        self.w = [
            torch.from_numpy((rng.standard_normal(s) * np.sqrt(g / np.prod(s[1:]))).astype(np.float32))
            for s, g in zip(self.SHAPES, gains)
        ]
        self.b = [torch.zeros(s[0]) for s in self.SHAPES]
        self.speed = [[torch.zeros_like(w), torch.zeros_like(b)] for w, b in zip(self.w, self.b)]

    def params(self):
        pairs = zip(self.NAMES, self.w, self.b)
        return {f"{name}.{kind}": value for name, w, b in pairs for kind, value in (("weight", w), ("bias", b))}

    def learn(self, x, t, rate):
        inputs, outputs, pooled = [], [], []
        for k in range(5):
            if k == 2:
                x = x.reshape(len(x), -1)
            inputs.append(x)
            layer = conv2d_forward if k < 2 else linear_forward
            outputs.append(layer(x, self.w[k], self.b[k]))
            x = relu_forward(outputs[k])
            if k < 2:
                pooled.append(x)
                x = maxpool2d_forward(x, 2, 2)
        p = np.exp(outputs[4].numpy() - outputs[4].numpy().max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(t)), t.numpy()] -= 1
        d = torch.from_numpy(p / np.float32(len(t)))
        for k in (4, 3, 2, 1, 0):
            if k < 2:
                d = maxpool2d_backward(d.reshape(len(t), -1, *[n // 2 for n in pooled[k].shape[2:]]), pooled[k], 2, 2)
            if k < 4:
                d = relu_backward(d, outputs[k])
            d, *slopes = (conv2d_backward if k < 2 else linear_backward)(d, inputs[k], self.w[k], self.b[k])
            for which, values in enumerate((self.w, self.b)):
                self.speed[k][which] = 0.9 * self.speed[k][which] - rate * slopes[which]
                values[k] = values[k] + self.speed[k][which]


def padded_digits(images):
    x = np.pad((images.numpy() - 0.3) / 0.38, ((0, 0), (0, 0), (2, 2), (2, 2)))
    return torch.from_numpy(x.astype(np.float32))


def train_lenet(images, labels, epochs, seed):
    net, x = Net(seed), padded_digits(images)
    batches = len(images) // 32 + 1
    for epoch in range(epochs):
        for batch, rows in enumerate(np.array_split(net.rng.permutation(len(images)), batches)):
            net.learn(x[rows], labels[rows], 0.03 * (1 - (epoch + batch / batches) / epochs))
    return net.params()


def lenet_scores(images, params):
    return lenet(padded_digits(images), params)
