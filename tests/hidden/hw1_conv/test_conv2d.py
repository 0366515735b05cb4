"""Parts `conv2d_forward` and `conv2d_backward`."""

from typing import NamedTuple

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, expect, leaves_inputs_alone, part, pick, raises

GRADIENTS = ("dx", "dw", "db")


class Case(NamedTuple):
    """x is (n, c, h, w), w is (m, c, kh, kw); no two axes that could be confused have the same size."""

    n: int
    c: int
    h: int
    w: int
    m: int
    kh: int
    kw: int
    stride: int = 1
    pad: int = 0

    def draw(self, normal, dtype=torch.float64):
        x = normal(self.n, self.c, self.h, self.w, dtype=dtype)
        return x, normal(self.m, self.c, self.kh, self.kw, dtype=dtype), normal(self.m, dtype=dtype)

    def draw_with_dout(self, normal, dtype=torch.float64):
        h = (self.h + 2 * self.pad - self.kh) // self.stride + 1
        w = (self.w + 2 * self.pad - self.kw) // self.stride + 1
        return normal(self.n, self.m, h, w, dtype=dtype), *self.draw(normal, dtype)


CASES = {
    "plain": Case(3, 2, 6, 9, 4, 3, 2),
    "stride_2": Case(3, 2, 8, 11, 4, 3, 2, stride=2),
    "stride_3": Case(4, 3, 9, 12, 2, 2, 4, stride=3),
    "pad_1": Case(3, 2, 5, 7, 4, 3, 2, pad=1),
    "pad_2_stride_2": Case(3, 2, 6, 9, 4, 5, 3, stride=2, pad=2),
    "pointwise": Case(3, 4, 5, 6, 2, 1, 1),
}
# Asked in the same check: the same shape with other values, or what is rounded or padded in another way.
SECOND = {"plain": CASES["plain"], "pad_2_stride_2": Case(3, 2, 7, 9, 4, 3, 2, stride=3, pad=1)}
ONE = {  # sizes of one, where axes get lost
    "image": Case(1, 2, 5, 6, 4, 3, 2),
    "channel": Case(3, 1, 5, 6, 4, 3, 2),
    "filter": Case(3, 2, 5, 6, 1, 3, 2),
    "row": Case(3, 2, 1, 6, 4, 1, 3, stride=2),
    "column": Case(3, 2, 5, 1, 4, 2, 1, stride=2),
    "pixel": Case(3, 2, 1, 1, 4, 1, 1, pad=1),
    "all": Case(1, 1, 1, 1, 1, 1, 1),
    "equal": Case(3, 3, 5, 5, 3, 3, 3, stride=2, pad=1),  # and all sizes the same, by which no axis is known
    "far": Case(2, 3, 4, 5, 3, 3, 2, stride=9, pad=10),
}
SCALES = (1e-9, 1e3)  # times what is usual, where what is rounded away or capped shows


@part("conv2d_forward")
@weight(2)
@pytest.mark.parametrize("case", CASES)
def test_convolution(student, reference, normal, case):
    """conv2d_forward matches the definition for several kernels, strides and paddings."""
    for size in (CASES[case], *([SECOND[case]] if case in SECOND else [])):
        x, w, b = size.draw(normal)
        agree(student.conv2d_forward, reference.conv2d_forward, x, w, b, stride=size.stride, pad=size.pad)
    if case == "plain":
        for scale in SCALES:
            agree(student.conv2d_forward, reference.conv2d_forward, scale * x, w, scale * b)


@part("conv2d_forward")
@weight(1)
@visibility("after_due_date")
def test_sizes_of_one(student, reference, normal):
    """conv2d_forward is right for one image, channel or filter, for one row or column, and where sizes are equal."""
    for size in ONE.values():
        agree(student.conv2d_forward, reference.conv2d_forward, *size.draw(normal), size.stride, size.pad)


@part("conv2d_forward")
@weight(1)
@visibility("after_due_date")
def test_kernel_as_large_as_the_image(student, reference, normal):
    """conv2d_forward gives one number per filter where the kernel covers the whole image."""
    agree(student.conv2d_forward, reference.conv2d_forward, *Case(3, 2, 4, 6, 5, 4, 6).draw(normal))


@part("conv2d_forward")
@weight(1)
def test_impulse(student, normal):
    """conv2d_forward shows the kernel itself, reversed, where the image is a single bright pixel."""
    w = normal(3, 1, 2, 3)
    x = torch.zeros(1, 1, 3, 5, dtype=torch.float64)
    x[0, 0, 1, 2] = 1
    reversed_kernels = w.flip(2, 3).reshape(1, 3, 2, 3)
    agree(student.conv2d_forward, lambda x, w, b: reversed_kernels, x, w, torch.zeros(3, dtype=torch.float64))


@part("conv2d_forward")
@weight(1)
def test_bias_alone(student, normal):
    """conv2d_forward gives the bias everywhere where all weights are zero, and for images of zeros."""
    x, w, b = Case(3, 2, 5, 7, 4, 2, 3).draw(normal)
    black = x.clone()
    black[1] = 0
    for images, filters in ((x, torch.zeros_like(w)), (black, torch.zeros_like(w)), (torch.zeros_like(x), w)):
        agree(student.conv2d_forward, lambda x, w, b: b[None, :, None, None].expand(3, 4, 4, 5), images, filters, b)


@part("conv2d_forward")
@weight(1.5)
def test_convolution_in_float32(student, reference, normal):
    """conv2d_forward answers float32 images with a float32 tensor."""
    x, w, b = Case(3, 2, 6, 7, 4, 3, 2).draw(normal, torch.float32)
    agree(student.conv2d_forward, reference.conv2d_forward, x, w, b, 2, 1)


@part("conv2d_forward")
@weight(1)
def test_kernel_that_does_not_fit(student, reference, normal):
    """conv2d_forward works for a kernel as large as the padded image and refuses a larger one with ValueError."""
    x, w, b = Case(3, 2, 3, 6, 4, 3, 2).draw(normal)
    agree(student.conv2d_forward, reference.conv2d_forward, x, w, b, pad=1)  # tells ignored padding from what follows
    for kh, kw, pad in ((3, 6, 0), (5, 2, 1), (3, 8, 1)):
        agree(student.conv2d_forward, reference.conv2d_forward, x, normal(4, 2, kh, kw), b, pad=pad)
    for kh, kw, stride, pad in ((5, 2, 1, 0), (4, 2, 2, 0), (2, 7, 1, 0), (2, 8, 3, 0), (6, 2, 1, 1), (3, 9, 2, 1)):
        raises(student.conv2d_forward, "ValueError", x, normal(4, 2, kh, kw), b, stride=stride, pad=pad)


@part("conv2d_forward")
@weight(1)
def test_channels_that_do_not_match(student, reference, normal):
    """conv2d_forward refuses filters for another number of channels with ValueError."""
    x, w, b = Case(3, 3, 5, 6, 4, 3, 2).draw(normal)
    agree(student.conv2d_forward, reference.conv2d_forward, x, w, b)
    raises(student.conv2d_forward, "ValueError", x, w[:, :2].clone(), b)
    raises(student.conv2d_forward, "ValueError", x, w[:, :1].clone(), b)
    raises(student.conv2d_forward, "ValueError", x[:, :2].clone(), w, b)
    raises(student.conv2d_forward, "ValueError", x[:, :1].clone(), w, b)


@part("conv2d_forward")
@weight(0.5)
def test_convolution_leaves_inputs(student, reference, normal):
    """conv2d_forward is right and leaves its arguments unchanged."""
    x, w, b = Case(3, 2, 5, 6, 4, 3, 2).draw(normal)
    agree(student.conv2d_forward, reference.conv2d_forward, x, w, b)
    leaves_inputs_alone(student.conv2d_forward, x, w, b)


@part("conv2d_backward")
@weight(2)
@pytest.mark.parametrize("gradient", ["dx", "dw"])
@pytest.mark.parametrize("case", ["plain", "stride_2", "stride_3", "pad_2_stride_2"])
def test_gradient(student, reference, normal, case, gradient):
    """conv2d_backward gives the right gradient for the image and for the filters."""
    for size in (CASES[case], *([SECOND[case]] if case in SECOND else [])):
        inputs = size.draw_with_dout(normal)
        answer = {"stride": size.stride, "pad": size.pad, "output": gradient, "outputs": GRADIENTS}
        agree(student.conv2d_backward, reference.conv2d_backward, *inputs, **answer)
        if case == "plain":
            dout, x, *others = inputs
            for scale in SCALES:
                agree(student.conv2d_backward, reference.conv2d_backward, scale * dout, x, *others, **answer)
            agree(student.conv2d_backward, reference.conv2d_backward, dout, torch.zeros_like(x), *others, **answer)


@part("conv2d_backward")
@weight(1)
@visibility("after_due_date")
def test_gradients_of_one(student, reference, normal):
    """conv2d_backward is right for one image, channel or filter, for one row or column, and where sizes are equal."""
    for size in ONE.values():
        inputs = size.draw_with_dout(normal)
        for gradient in GRADIENTS:
            answer = {"output": gradient, "outputs": GRADIENTS}
            agree(student.conv2d_backward, reference.conv2d_backward, *inputs, size.stride, size.pad, **answer)


@part("conv2d_backward")
@weight(1)
@pytest.mark.parametrize("case", ["stride_3", "pad_1"])
def test_bias_gradient(student, reference, normal, case):
    """conv2d_backward gives the right gradient for the biases."""
    size = CASES[case]
    inputs = size.draw_with_dout(normal)
    answer = {"stride": size.stride, "pad": size.pad, "output": "db", "outputs": GRADIENTS}
    agree(student.conv2d_backward, reference.conv2d_backward, *inputs, **answer)
    agree(student.conv2d_backward, reference.conv2d_backward, *size.draw_with_dout(normal), **answer)
    dout, x, *others = size.draw_with_dout(normal)
    agree(student.conv2d_backward, reference.conv2d_backward, dout, torch.zeros_like(x), *others, **answer)
    for scale in SCALES:
        agree(student.conv2d_backward, reference.conv2d_backward, scale * dout, x, *others, **answer)


@part("conv2d_backward")
@weight(1)
def test_gradients_in_float32(student, reference, normal):
    """conv2d_backward answers float32 tensors with float32 gradients."""
    inputs = Case(3, 2, 6, 7, 4, 3, 2, stride=2, pad=1).draw_with_dout(normal, torch.float32)
    agree(student.conv2d_backward, reference.conv2d_backward, *inputs, stride=2, pad=1)


@part("conv2d_backward")
@weight(0.75)
@visibility("after_due_date")
@pytest.mark.parametrize("gradient", ["dx", "dw"])
def test_adjoint(student, reference, normal, gradient):
    """conv2d_backward is the adjoint of the forward pass: the loss changes by the gradient times the change."""
    size = Case(3, 2, 7, 9, 4, 3, 2, stride=2, pad=1)
    dout, x, w, b = size.draw_with_dout(normal)
    change = x if gradient == "dx" else w
    answer = pick(student.conv2d_backward(dout, x, w, b, stride=2, pad=1), gradient, GRADIENTS)
    fits = isinstance(answer, torch.Tensor) and answer.shape == change.shape and answer.dtype == change.dtype
    expect(fits, f"`{gradient}` is no tensor of the same shape and dtype as `{gradient[1:]}`")
    terms = dout * reference.conv2d_forward(x, w, torch.zeros_like(b), stride=2, pad=1)
    error = (answer * change).sum() - terms.sum()
    expect(bool(error.abs() <= 1e-9 * terms.abs().sum()), f"`{gradient}` predicts another change of the loss")


@part("conv2d_backward")
@weight(0.5)
def test_backward_leaves_inputs(student, reference, normal):
    """conv2d_backward is right and leaves its arguments unchanged."""
    inputs = Case(3, 2, 5, 6, 4, 3, 2).draw_with_dout(normal)
    agree(student.conv2d_backward, reference.conv2d_backward, *inputs)
    leaves_inputs_alone(student.conv2d_backward, *inputs)
