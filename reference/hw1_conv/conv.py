"""A convolutional network from scratch: the model answer.

One idea carries the convolution and the pooling layer. Instead of visiting every window of the image, visit every
*cell of the window*: for a fixed cell (i, j), the pixels that all windows see there form a strided slice of the image,
as large as the output. A layer is then k² operations on whole tensors, and its backward pass writes through the very
same slices.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

# ------------------------------------------------------------------------------------------ output sizes and counting


def output_size(n: int, k: int, stride: int = 1, pad: int = 0) -> int:
    """floor((n + 2 pad − k) / stride) + 1: how many positions a window of k finds along n."""
    if n < 1 or k < 1 or stride < 1 or pad < 0:
        raise ValueError(f"n, k and stride must be at least 1 and pad at least 0, not {n}, {k}, {stride} and {pad}")
    if k > n + 2 * pad:
        raise ValueError(f"a kernel of {k} does not fit into {n} with padding {pad}")
    return (n + 2 * pad - k) // stride + 1


def count_weights(n_in: int, n_out: int, k: int | None = None, shared: bool = False) -> int:
    """Weights between n_in inputs and n_out hidden units: all, or a window of k each, or one window for all."""
    if k is None:
        if shared:
            raise ValueError("weights can only be shared between local windows: give k")
        return n_in * n_out
    if not 1 <= k <= n_in:
        raise ValueError(f"a window of {k} does not fit into {n_in} inputs")
    return k if shared else n_out * k


def conv_output_shape(
    shape: tuple[int, int, int], n_filters: int, k: int, stride: int = 1, pad: int = 0
) -> tuple[int, int, int]:
    """(C, H, W) → (n_filters, H', W') for k×k filters."""
    _, h, w = shape
    return n_filters, output_size(h, k, stride, pad), output_size(w, k, stride, pad)


def count_multiplications(shape: tuple[int, int, int], n_filters: int, k: int, stride: int = 1, pad: int = 0) -> int:
    """Every output pixel of every filter costs C·k² multiplications."""
    m, h, w = conv_output_shape(shape, n_filters, k, stride, pad)
    return m * h * w * shape[0] * k * k


# ---------------------------------------------------------------------------------------------------------- the layers


def corr1d(signal: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """y[i] = Σ_j kernel[j] · signal[i·stride + j], signal (n,), kernel (k,)."""
    n, k = len(signal), len(kernel)
    if stride < 1:
        raise ValueError(f"stride must be at least 1, not {stride}")
    if k > n:
        raise ValueError(f"a kernel of {k} does not fit into a signal of {n}")
    last = n - k  # where the last window may start
    return sum(kernel[j] * signal[j : j + last + 1 : stride] for j in range(k))


def _windows(x: Tensor, kh: int, kw: int, stride: int) -> Iterator[tuple[int, int, Tensor]]:
    """For every cell (i, j) of a kh×kw window, the view (N, C, H', W') of x that all windows see through that cell."""
    if stride < 1:
        raise ValueError(f"stride must be at least 1, not {stride}")
    last_row, last_column = x.shape[2] - kh, x.shape[3] - kw  # where the last window may start
    if last_row < 0 or last_column < 0:
        raise ValueError(f"a window of {kh}×{kw} does not fit into {x.shape[2]}×{x.shape[3]}")
    for i in range(kh):
        for j in range(kw):
            yield i, j, x[:, :, i : i + last_row + 1 : stride, j : j + last_column + 1 : stride]


def _pad(x: Tensor, pad: int) -> Tensor:
    if pad < 0:
        raise ValueError(f"pad must be at least 0, not {pad}")
    return F.pad(x, (pad, pad, pad, pad))


def conv2d_forward(x: Tensor, w: Tensor, b: Tensor, stride: int = 1, pad: int = 0) -> Tensor:
    """y[n,m,p,q] = b[m] + Σ_{c,i,j} w[m,c,i,j] · x[n,c,p·stride+i,q·stride+j], x zero-padded."""
    if x.shape[1] != w.shape[1]:
        raise ValueError(f"x has {x.shape[1]} channels, but the filters expect {w.shape[1]}")
    kh, kw = w.shape[2:]
    products = (
        torch.einsum("nchw,mc->nmhw", view, w[:, :, i, j]) for i, j, view in _windows(_pad(x, pad), kh, kw, stride)
    )
    return sum(products) + b[:, None, None]


def conv2d_backward(
    dout: Tensor, x: Tensor, w: Tensor, b: Tensor, stride: int = 1, pad: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """y is linear in x, in w and in b: each product of the forward pass sends dout to its two factors."""
    kh, kw = w.shape[2:]
    padded = _pad(x, pad)
    dpadded, dw = torch.zeros_like(padded), torch.zeros_like(w)
    seen = _windows(padded, kh, kw, stride)
    written = _windows(dpadded, kh, kw, stride)
    for (i, j, view), (_, _, dview) in zip(seen, written, strict=True):
        dw[:, :, i, j] = torch.einsum("nmhw,nchw->mc", dout, view)
        dview += torch.einsum("nmhw,mc->nchw", dout, w[:, :, i, j])  # windows overlap: add, never assign
    dx = dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]
    return dx, dw, dout.sum((0, 2, 3))


def relu_forward(x: Tensor) -> Tensor:
    """max(0, x), element by element."""
    return x.clamp(min=0)


def relu_backward(dout: Tensor, x: Tensor) -> Tensor:
    """The gradient passes where x > 0; at x = 0 it is 0 by convention."""
    return dout * (x > 0)


def maxpool2d_forward(x: Tensor, k: int, stride: int) -> Tensor:
    """The largest value in every k×k window of every map."""
    return torch.stack([view for _, _, view in _windows(x, k, k, stride)]).amax(0)


def maxpool2d_backward(dout: Tensor, x: Tensor, k: int, stride: int) -> Tensor:
    """Each window hands its whole gradient to the cell that won; of several, to the first in row-major order."""
    winner = torch.stack([view for _, _, view in _windows(x, k, k, stride)]).argmax(0)
    dx = torch.zeros_like(x)
    for i, j, dview in _windows(dx, k, k, stride):
        dview += dout * (winner == i * k + j)
    return dx


def linear_forward(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """y = x wᵀ + b, with x (N, D), w (M, D), b (M,)."""
    return x @ w.T + b


def linear_backward(dout: Tensor, x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """dx = dout w, dw = doutᵀ x, and db sums over the batch."""
    return dout @ w, dout.T @ x, dout.sum(0)


# --------------------------------------------------------------------------------------------------------- the network


def lenet(x: Tensor, params: dict[str, Tensor]) -> Tensor:
    """LeNet-5: (conv → ReLU → pool) twice, then three fully connected layers; the last one's outputs are the scores."""
    for name in ("conv1", "conv2"):
        x = conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"])
        x = maxpool2d_forward(relu_forward(x), 2, 2)
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2"):
        x = relu_forward(linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"]))
    return linear_forward(x, params["fc3.weight"], params["fc3.bias"])


# ------------------------------------------------------------------------------------------------------------ training


SHAPES = {"conv1": (8, 1, 3, 3), "conv2": (16, 8, 2, 2), "fc1": (120, 64), "fc2": (84, 120), "fc3": (10, 84)}
RATE, MOMENTUM, BATCH = 0.03, 0.9, 32


def _prepare(images: Tensor) -> Tensor:
    """Digits around 0, with a border: 8×8 pixels leave a 3×3 filter and two poolings little to see."""
    return F.pad((images - 0.3) / 0.38, (2, 2, 2, 2))


def _gradients(x: Tensor, labels: Tensor, params: dict[str, Tensor]) -> tuple[float, dict[str, Tensor]]:
    """The mean cross-entropy of a batch, and its gradient with respect to every parameter."""
    convolved, connected = [], []
    for name in ("conv1", "conv2"):
        y = conv2d_forward(x, params[f"{name}.weight"], params[f"{name}.bias"])
        z = relu_forward(y)
        convolved.append((name, x, y, z))
        x = maxpool2d_forward(z, 2, 2)
    maps = x.shape
    x = x.reshape(len(x), -1)
    for name in ("fc1", "fc2", "fc3"):
        y = linear_forward(x, params[f"{name}.weight"], params[f"{name}.bias"])
        connected.append((name, x, y))
        x = relu_forward(y)
    scores = connected[-1][2]
    log_p = scores - scores.logsumexp(1, keepdim=True)
    truth = torch.eye(scores.shape[1])[labels]
    dout = (log_p.exp() - truth) / len(labels)  # of the softmax and the cross-entropy together

    grads = {}
    for name, x, y in reversed(connected):
        dout = dout if name == "fc3" else relu_backward(dout, y)
        dout, dw, db = linear_backward(dout, x, params[f"{name}.weight"], params[f"{name}.bias"])
        grads |= {f"{name}.weight": dw, f"{name}.bias": db}
    dout = dout.reshape(maps)
    for name, x, y, z in reversed(convolved):
        dout = relu_backward(maxpool2d_backward(dout, z, 2, 2), y)
        dout, dw, db = conv2d_backward(dout, x, params[f"{name}.weight"], params[f"{name}.bias"])
        grads |= {f"{name}.weight": dw, f"{name}.bias": db}
    return float(-(truth * log_p).sum(1).mean()), grads


def train_lenet(images: Tensor, labels: Tensor, epochs: int, seed: int) -> dict[str, Tensor]:
    """Stochastic gradient descent with momentum; the step shrinks to nothing, so that the end is calm."""
    draw = torch.Generator().manual_seed(seed)
    images = _prepare(images)
    params, velocity = {}, {}
    for name, shape in SHAPES.items():
        scale = (2 / torch.Size(shape[1:]).numel()) ** 0.5  # He et al., 2015: ReLUs keep the spread of what they see
        params[f"{name}.weight"] = torch.randn(shape, generator=draw) * (scale / 2 if name == "fc3" else scale)
        params[f"{name}.bias"] = torch.zeros(shape[0])
    velocity = {name: torch.zeros_like(value) for name, value in params.items()}
    steps, step = epochs * -(-len(images) // BATCH), 0
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(images), generator=draw).split(BATCH):
            loss, grads = _gradients(images[rows], labels[rows], params)
            total += loss * len(rows)
            for name, grad in grads.items():
                velocity[name] = MOMENTUM * velocity[name] + grad
                params[name] -= RATE * (1 - step / steps) * velocity[name]
            step += 1
        print(f"epoch {epoch + 1}: loss {total / len(images):.4f}")
    return params


def lenet_scores(images: Tensor, params: dict[str, Tensor]) -> Tensor:
    """What the trained network says of images (N, 1, 8, 8): scores (N, 10)."""
    return lenet(_prepare(images), params)
