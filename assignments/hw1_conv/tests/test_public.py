"""Public checks: the lecture's own numbers. Run `pytest` in the homework's folder.

They are examples, small enough to follow with a pencil. Grading uses other and harder inputs, so passing here is a
start: check your gradients against numerical ones too (README.md shows how).
"""

import conv
import digits
import pytest
import torch

SIGNAL = torch.tensor([5, 9, 2, 6, 7, 9, 8], dtype=torch.float64)
EDGE = torch.tensor([1, 0, -1], dtype=torch.float64)


def tensor(values, *shape):
    """A float64 tensor of the given shape."""
    return torch.tensor(values, dtype=torch.float64).reshape(shape or (-1,))


def check(answer, expected, what):
    """Fail with a sentence that shows both tensors unless they agree in type, shape, dtype and values."""
    if not isinstance(answer, torch.Tensor):
        pytest.fail(f"{what} should be a torch.Tensor, but is {answer!r}.", pytrace=False)
    if answer.shape != expected.shape:
        shapes = f"{tuple(expected.shape)}, but is {tuple(answer.shape)}"
        pytest.fail(f"The shape of {what} should be {shapes}.", pytrace=False)
    if answer.dtype != expected.dtype:
        pytest.fail(f"The dtype of {what} should be {expected.dtype}, but is {answer.dtype}.", pytrace=False)
    if not torch.allclose(answer, expected):
        pytest.fail(f"{what} should be\n{expected}\nbut is\n{answer}", pytrace=False)


def check_numbers(answer, expected, what):
    """Fail with a sentence unless a number or a tuple of numbers is the expected one."""
    answer = tuple(answer) if isinstance(answer, list | tuple) else answer
    numbers = answer if isinstance(answer, tuple) else (answer,)
    if answer != expected or not all(isinstance(number, int) for number in numbers):
        pytest.fail(f"{what} should be {expected!r}, but is {answer!r}.", pytrace=False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((32, 5), 28),  # the first 5×5 filter on a 32×32 image
        ((28, 5), 24),  # and the second
        ((227, 11, 4), 55),  # AlexNet: CONV1, then MAX POOL1, CONV2, CONV3
        ((55, 3, 2), 27),
        ((27, 5, 1, 2), 27),
        ((13, 3, 1, 1), 13),
        ((8, 3, 2), 3),  # the last pixel is left over
    ],
)
def test_output_size(arguments, expected):
    """output_size gives the sizes of the lecture's networks."""
    check_numbers(conv.output_size(*arguments), expected, f"output_size{arguments}")


def test_output_size_without_room():
    """output_size refuses a kernel that is larger than the padded input."""
    with pytest.raises(ValueError):
        conv.output_size(4, 7, pad=1)


def test_count_weights():
    """7 inputs and 3 hidden units: 21 weights, 9 with local windows of 3, 3 if these are shared."""
    check_numbers(conv.count_weights(7, 3), 21, "count_weights(7, 3)")
    check_numbers(conv.count_weights(7, 3, k=3), 9, "count_weights(7, 3, k=3)")
    check_numbers(conv.count_weights(7, 3, k=3, shared=True), 3, "count_weights(7, 3, k=3, shared=True)")


def test_conv_output_shape():
    """An image of 32×32×3 shrinks to 28 and to 24, with as many channels as there are filters."""
    check_numbers(conv.conv_output_shape((3, 32, 32), 5, 5), (5, 28, 28), "The first shape")
    check_numbers(conv.conv_output_shape((5, 28, 28), 7, 5), (7, 24, 24), "The second shape")


def test_count_multiplications():
    """28×28×192 through 32 filters of 5×5 takes 120 million products, through 16 filters of 1×1 first 12 million."""
    direct = conv.count_multiplications((192, 28, 28), 32, 5, pad=2)
    check_numbers(direct, 120_422_400, "The number without the 1×1 layer")
    check_numbers(conv.count_multiplications((192, 28, 28), 16, 1), 2_408_448, "The number of the 1×1 layer")
    check_numbers(conv.count_multiplications((16, 28, 28), 32, 5, pad=2), 10_035_200, "The number of the 5×5 layer")


def test_corr1d():
    """5 9 2 6 7 9 8 filtered with 1 0 −1 gives 3 3 −5 −3 −1."""
    check(conv.corr1d(SIGNAL, EDGE), tensor([3, 3, -5, -3, -1]), "The filtered signal")


def test_corr1d_with_a_stride():
    """With a stride of 2 every other number of it remains."""
    check(conv.corr1d(SIGNAL, EDGE, stride=2), tensor([3, -5, -1]), "The signal filtered with stride 2")


def test_conv2d_forward_is_corr1d_on_a_row():
    """An image of one row, filtered with a kernel of one row, is the filtered signal, plus the bias."""
    y = conv.conv2d_forward(SIGNAL.reshape(1, 1, 1, 7), EDGE.reshape(1, 1, 1, 3), tensor([10]))
    check(y, tensor([13, 13, 5, 7, 9], 1, 1, 1, 5), "The filtered row")


def test_conv2d_forward_with_padding():
    """A 3×3 box of ones sums up each pixel's neighbourhood; outside the image there are zeros."""
    x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], 1, 1, 3, 3)
    y = conv.conv2d_forward(x, torch.ones_like(x), tensor([0]), pad=1)
    check(y, tensor([12, 21, 16, 27, 45, 33, 24, 39, 28], 1, 1, 3, 3), "The padded sums")


def test_conv2d_backward():
    """One window covers the image: dx is the filter and dw is the image, each times the gradient."""
    x, w = tensor([1, 2, 3, 4, 5, 6], 1, 1, 2, 3), tensor([1, 0, -1, 2, 0, -2], 1, 1, 2, 3)
    gradients = conv.conv2d_backward(tensor([3], 1, 1, 1, 1), x, w, tensor([0]))
    for name, answer, expected in zip(("dx", "dw", "db"), gradients, (3 * w, 3 * x, tensor([3])), strict=True):
        check(answer, expected, name)


def test_conv2d_backward_adds_up():
    """Windows overlap: the inner pixels of 5 9 2 6 collect gradient from two windows."""
    x, w = SIGNAL[:4].reshape(1, 1, 1, 4), tensor([1, 10, 100], 1, 1, 1, 3)
    dx, dw, db = conv.conv2d_backward(tensor([1, 2], 1, 1, 1, 2), x, w, tensor([0]))
    check(dx, tensor([1, 12, 120, 200], 1, 1, 1, 4), "dx")
    check(dw, tensor([5 + 18, 9 + 4, 2 + 12], 1, 1, 1, 3), "dw")
    check(db, tensor([3]), "db")


BATCH = tensor([3, -1, 2, 0, 1, -2, 4, 1, 0, 2, -3, 1, 1, 0, 2, -1, 3, 0, -2, 1, 2, 1, 0, 4], 2, 2, 2, 3)
FILTERS = tensor([1, 2, 0, -1, 3, 0, 1, 1, -2, 1, 0, 2, 1, 0, -1, 2, 1, 1, 0, -3, 2, 1, 1, 0], 3, 2, 2, 2)

FORWARD = [1, -1, 0, -12, 24, 13, 10, 3, 11, 15, 22, 14, -3, 1, -2, 3, 8, 17, 9, 4, 17, 15, 20, 27]
BACKWARD = {
    "dx": [3, 0, -9, -3, 0, 1, 2, 3, -5, -2, 1, -1, 4, 0, 2, 5, -5, -1, -2, 0, 1, 0, -2, 1],
    "dw": [-5, -4, 1, -6, -3, -5, 0, -6, 6, -1, 2, 1, 0, 7, -2, 10, 2, 2, -2, 3, 3, -1, 1, 6],
    "db": [-1, 1, -2],
}


def test_conv2d_forward_of_a_batch():
    """Two images of two channels, three filters, a stride of 2 and a border: each image meets each filter."""
    y = conv.conv2d_forward(BATCH, FILTERS, tensor([0, 10, 20]), stride=2, pad=1)
    check(y, tensor(FORWARD, 2, 3, 2, 2), "The answer to two images")


def test_conv2d_backward_of_a_batch():
    """The same layer backwards: gradients of both images add up in dw and db."""
    dout = torch.arange(24, dtype=torch.float64).reshape(2, 3, 2, 2) % 5 - 2
    gradients = conv.conv2d_backward(dout, BATCH, FILTERS, tensor([0, 10, 20]), stride=2, pad=1)
    shapes = (2, 2, 2, 3), (3, 2, 2, 2), (3,)
    for name, answer, shape in zip(("dx", "dw", "db"), gradients, shapes, strict=True):
        check(answer, tensor(BACKWARD[name], *shape), name)


def test_relu():
    """Negative numbers become 0, and no gradient passes where they were."""
    x = tensor([3, 3, -5, 0, -1])
    check(conv.relu_forward(x), tensor([3, 3, 0, 0, 0]), "The output of ReLU")
    check(conv.relu_backward(tensor([-1, 2, 3, 4, 5]), x), tensor([-1, 2, 0, 0, 0]), "The gradient through ReLU")


def test_maxpool2d():
    """2×2 windows side by side keep a quarter of the pixels, and only these receive gradient."""
    x = tensor([1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4], 1, 1, 4, 4)
    check(conv.maxpool2d_forward(x, 2, 2), tensor([6, 8, 3, 4], 1, 1, 2, 2), "The pooled map")
    dx = tensor([0, 0, 0, 0, 0, 10, 0, 20, 30, 0, 0, 0, 0, 0, 0, 40], 1, 1, 4, 4)
    check(conv.maxpool2d_backward(tensor([10, 20, 30, 40], 1, 1, 2, 2), x, 2, 2), dx, "The gradient through pooling")


POOLED = [5, 4, 9, 7, 2, 3, -2, -1]
UNPOOLED = [0, 1, 0, 0, 0, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 6, 7, 0, 0, 8, 0, 0, 0, 0]


def test_maxpool2d_of_a_batch():
    """Two images of two channels: each map is pooled on its own, negative ones too; of equals the first one wins."""
    x = tensor([1, 5, 2, 0, 3, 3, 4, 1, 9, 8, 7, 6, 5, 4, 3, 2, 0, 0, 1, 0, 2, 2, 2, 3], 3, 2, 4)
    x = torch.cat([x, -1 - x[:1]]).reshape(2, 2, 2, 4)
    check(conv.maxpool2d_forward(x, 2, 2), tensor(POOLED, 2, 2, 1, 2), "The pooled maps")
    dx = conv.maxpool2d_backward(tensor([1, 2, 3, 4, 5, 6, 7, 8], 2, 2, 1, 2), x, 2, 2)
    check(dx, tensor(UNPOOLED, 2, 2, 2, 4), "The gradient through pooling")


def test_maxpool2d_overlapping():
    """AlexNet's windows, 3×3 at stride 2, overlap: the 9 in the middle wins twice."""
    x = tensor([0, 1, 2, 1, 0, 3, 4, 9, 4, 3, 0, 1, 2, 1, 0], 1, 1, 3, 5)
    check(conv.maxpool2d_forward(x, 3, 2), tensor([9, 9], 1, 1, 1, 2), "The pooled map")
    dx = torch.zeros_like(x)
    dx[0, 0, 1, 2] = 5 + 7
    check(conv.maxpool2d_backward(tensor([5, 7], 1, 1, 1, 2), x, 3, 2), dx, "The gradient through pooling")


def test_linear():
    """Two images with three features, one unit: y = x wᵀ + b and its three gradients."""
    x, w, b = tensor([1, 2, 3, 4, 5, 6], 2, 3), tensor([1, 0, -2], 1, 3), tensor([10])
    check(conv.linear_forward(x, w, b), tensor([5, 2], 2, 1), "The output")
    dx, dw, db = conv.linear_backward(tensor([1, 2], 2, 1), x, w, b)
    check(dx, tensor([1, 0, -2, 2, 0, -4], 2, 3), "dx")
    check(dw, tensor([9, 12, 15], 1, 3), "dw")
    check(db, tensor([3]), "db")


def test_linear_with_several_units():
    """Two images with three features, two units."""
    x, w, b = tensor([1, 2, 3, 4, 5, 6], 2, 3), tensor([1, 0, -2, 3, 1, 1], 2, 3), tensor([10, -1])
    check(conv.linear_forward(x, w, b), tensor([5, 7, 2, 22], 2, 2), "The output")
    dx, dw, db = conv.linear_backward(tensor([1, 2, 3, -1], 2, 2), x, w, b)
    check(dx, tensor([7, 2, 0, 0, -1, -7], 2, 3), "dx")
    check(dw, tensor([13, 17, 21, -2, -1, 0], 2, 3), "dw")
    check(db, tensor([4, 1]), "db")


def test_lenet():
    """LeNet-5 has 61,706 parameters; where all weights are zero, the scores are the last bias."""
    shapes = {"conv1": (6, 1, 5, 5), "conv2": (16, 6, 5, 5), "fc1": (120, 400), "fc2": (84, 120), "fc3": (10, 84)}
    params = {f"{name}.weight": torch.zeros(shape, dtype=torch.float64) for name, shape in shapes.items()}
    params |= {f"{name}.bias": torch.arange(shape[0], dtype=torch.float64) - 3 for name, shape in shapes.items()}
    assert sum(value.numel() for value in params.values()) == 61_706
    scores = conv.lenet(torch.ones(2, 1, 32, 32, dtype=torch.float64), params)
    check(scores, params["fc3.bias"].expand(2, 10), "The scores")


SCORES = [[-0.007932535, 0.257055916, 0.324914078, 0.175997334], [0.613746283, 0.767365691, 0.683203826, 0.353725899]]


def test_lenet_is_put_together():
    """The scores of two ramps, where all weights are cosines: no layer may be missing or in another place."""
    shapes = {"conv1": (2, 1, 5, 5), "conv2": (3, 2, 5, 5), "fc1": (8, 75), "fc2": (6, 8), "fc3": (4, 6)}
    params = {}
    for name, shape in shapes.items():
        numbers = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
        params[f"{name}.weight"] = (numbers.cos() / 2).reshape(shape)
        params[f"{name}.bias"] = numbers[: shape[0]].sin() / 4
    x = (torch.arange(2 * 32 * 32, dtype=torch.float64) % 37 / 37).reshape(2, 1, 32, 32)
    check(conv.lenet(x, params), torch.tensor(SCORES, dtype=torch.float64), "The scores")


def reads(scores, truth, share, what):
    """Fail unless a trained network reads at least this share of images that it has not seen."""
    right = float((scores.argmax(1) == truth).float().mean())
    if right < share:
        pytest.fail(f"{what} recognises {right:.0%} of the images; it should be {share:.0%} at least.", pytrace=False)


def test_training():
    """LeNet, trained on 1,000 digits, reads more than half of 297 others. (Grading asks for more, see README.md.)"""
    images, labels, others, truth = digits.load()
    params = conv.train_lenet(images, labels, 4, 1)
    reads(conv.lenet_scores(others, params), truth, 0.5, "Your LeNet")
