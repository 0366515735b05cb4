"""Homework 1: a convolutional network from scratch.

Write every function marked below; keep the names and arguments as they are. README.md has the mathematics and the
conventions. `pytest` in this folder checks your work against the numbers of the lecture.

Tensors are torch tensors, images are (N, C, H, W), and the output's dtype is the input's (float32 or float64). No
function may change its arguments. torch's own convolutions, pools, linear layers, F.unfold and F.fold refuse to run
when your work is graded; README.md has the list.
"""

from __future__ import annotations

import torch

Tensor = torch.Tensor


# ------------------------------------------------------------------------------------------ output sizes and counting


def output_size(n: int, k: int, stride: int = 1, pad: int = 0) -> int:
    """How many positions a window of k finds along n pixels that get `pad` more pixels on both sides.

    Example: output_size(32, 5) is 28; output_size(227, 11, stride=4) is 55 (AlexNet's first layer).

    Raises ValueError if n, k or stride is smaller than 1, if pad is negative, or if k > n + 2·pad.
    """
    raise NotImplementedError("output_size is yours to write")


def count_weights(n_in: int, n_out: int, k: int | None = None, shared: bool = False) -> int:
    """Number of weights (biases not counted) between n_in inputs and n_out hidden units.

    k=None: every unit sees all inputs. Otherwise every unit sees a window of k inputs: with its own weights, or, if
    `shared`, with the same weights as all other units.

    Example: for 7 inputs and 3 units: 21; with k=3: 9; with k=3 and shared=True: 3.

    Raises ValueError if `shared` is asked for without k, or if k does not lie between 1 and n_in.
    """
    raise NotImplementedError("count_weights is yours to write")


def conv_output_shape(
    shape: tuple[int, int, int], n_filters: int, k: int, stride: int = 1, pad: int = 0
) -> tuple[int, int, int]:
    """Shape (C', H', W') of what n_filters filters of k×k make of an image of shape (C, H, W).

    Example: (3, 32, 32) with 5 filters of 5×5 gives (5, 28, 28).

    Raises ValueError where `output_size` does.
    """
    raise NotImplementedError("conv_output_shape is yours to write")


def count_multiplications(shape: tuple[int, int, int], n_filters: int, k: int, stride: int = 1, pad: int = 0) -> int:
    """Number of multiplications of that convolution layer for one image of shape (C, H, W).

    Products with padding count like all others, the bias does not count.

    Example: (192, 28, 28) with 32 filters of 5×5 and pad=2 takes 120,422,400.

    Raises ValueError where `output_size` does.
    """
    raise NotImplementedError("count_multiplications is yours to write")


# ---------------------------------------------------------------------------------------------------------- the layers


def corr1d(signal: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    """Slide the kernel along the signal: one weighted sum per position where it fits, no padding, no flipping.

    signal (n,), kernel (k,), both of one dtype → (n',) of that dtype, n' = output_size(n, k, stride).

    Example: 5 9 2 6 7 9 8 filtered with 1 0 −1 gives 3 3 −5 −3 −1.

    Raises ValueError if k > n or stride < 1.
    """
    raise NotImplementedError("corr1d is yours to write")


def conv2d_forward(x: Tensor, w: Tensor, b: Tensor, stride: int = 1, pad: int = 0) -> Tensor:
    """Convolution layer: every filter slides over the zero-padded images, unflipped, and its bias is added.

    x (N, C, H, W), w (M, C, kh, kw), b (M,) → (N, M, H', W').
    `stride` and `pad` hold for both axes; kh and kw may differ, and so may H and W.

    Raises ValueError if x and w differ in C, or if the kernel does not fit into the padded image.
    """
    raise NotImplementedError("conv2d_forward is yours to write")


def conv2d_backward(
    dout: Tensor, x: Tensor, w: Tensor, b: Tensor, stride: int = 1, pad: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of a loss with respect to x, w and b, given its gradient with respect to conv2d_forward's output.

    dout (N, M, H', W'), the other arguments as in the forward pass → dx (N, C, H, W), dw (M, C, kh, kw), db (M,).
    """
    raise NotImplementedError("conv2d_backward is yours to write")


def relu_forward(x: Tensor) -> Tensor:
    """max(0, x) for every element; x may have any shape."""
    raise NotImplementedError("relu_forward is yours to write")


def relu_backward(dout: Tensor, x: Tensor) -> Tensor:
    """Gradient with respect to x, given the gradient with respect to relu_forward(x); 0 where x is exactly 0."""
    raise NotImplementedError("relu_backward is yours to write")


def maxpool2d_forward(x: Tensor, k: int, stride: int) -> Tensor:
    """The largest value in every k×k window of every map, windows `stride` apart; no padding.

    x (N, C, H, W) → (N, C, H', W'). Windows may overlap (stride < k) or leave gaps, and the last rows and columns of
    the image are left out where no whole window fits.

    Raises ValueError if the window is larger than the image.
    """
    raise NotImplementedError("maxpool2d_forward is yours to write")


def maxpool2d_backward(dout: Tensor, x: Tensor, k: int, stride: int) -> Tensor:
    """Gradient with respect to x: every window sends its gradient to its largest cell, and gradients add up.

    dout (N, C, H', W'), the other arguments as in the forward pass → dx (N, C, H, W). If several cells of a window are
    equally large, the first one in row-major order (top row first, left to right) receives all of it.
    """
    raise NotImplementedError("maxpool2d_backward is yours to write")


def linear_forward(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """Fully connected layer y = x wᵀ + b: x (N, D), w (M, D), b (M,) → (N, M)."""
    raise NotImplementedError("linear_forward is yours to write")


def linear_backward(dout: Tensor, x: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """dout (N, M), the other arguments as in the forward pass → dx (N, D), dw (M, D), db (M,)."""
    raise NotImplementedError("linear_backward is yours to write")


# --------------------------------------------------------------------------------------------------------- the network


def lenet(x: Tensor, params: dict[str, Tensor]) -> Tensor:
    """Scores of LeNet-5 (with ReLU and max pooling) for images of 32×32: x (N, 1, 32, 32) → (N, 10).

    conv1 → ReLU → pool → conv2 → ReLU → pool → flatten → fc1 → ReLU → fc2 → ReLU → fc3
    The convolutions have stride 1 and no padding, the pools are 2×2 with stride 2, and flattening keeps torch's order
    (channel, row, column).

    params, 61,706 numbers in all: conv1.weight (6, 1, 5, 5), conv2.weight (16, 6, 5, 5), fc1.weight (120, 400),
    fc2.weight (84, 120), fc3.weight (10, 84), and for each of the five a bias, conv1.bias (6,) for example. Read the
    sizes from the tensors: other widths, numbers of input channels or classes must work too.
    """
    raise NotImplementedError("lenet is yours to write")


# ------------------------------------------------------------------------------------------------------------ training


def train_lenet(images: Tensor, labels: Tensor, epochs: int, seed: int) -> dict[str, Tensor]:
    """Train a LeNet of your own sizes with your own layers, forward and backward, and return its parameters.

    images (N, 1, 8, 8), float32 from 0 to 1; labels (N,), int64 from 0 to 9; epochs: passes over the data that you are
    advised to make; seed: of your random numbers. What you print is drawn as a learning curve: "epoch 3: loss 0.41".
    """
    raise NotImplementedError("train_lenet is yours to write")


def lenet_scores(images: Tensor, params: dict[str, Tensor]) -> Tensor:
    """Scores (N, 10), float32, of images (N, 1, 8, 8) that the network has not seen; params as train_lenet returned
    them.
    """
    raise NotImplementedError("lenet_scores is yours to write")
