"""Public checks: small examples, most of them without chance. Run `pytest` in the homework's folder.

Grading uses other and harder inputs, and looks closely at what your random numbers do: passing here is a start.
"""

import dropout
import pytest
import torch


def tensor(values, *shape):
    """A float64 tensor of the given shape."""
    return torch.tensor(values, dtype=torch.float64).reshape(shape or (-1,))


X = tensor([1, 2, 3, 4, 5, 6], 2, 3)
IMAGE = tensor([1, 2, 3, 4, 5, 6], 1, 1, 2, 3)
NETWORK = [(tensor([1, -1], 1, 2), tensor([0, 3])), (tensor([1, 2], 2, 1), tensor([10]))]


def check(answer, expected, what):
    """Fail with a sentence that shows both tensors unless they agree in type, shape, dtype and values."""
    if not isinstance(answer, torch.Tensor):
        pytest.fail(f"{what} should be a torch.Tensor, but is {answer!r}.", pytrace=False)
    if answer.shape != expected.shape:
        shapes = f"{tuple(expected.shape)}, but is {tuple(answer.shape)}"
        pytest.fail(f"The shape of {what} should be {shapes}.", pytrace=False)
    if answer.dtype != expected.dtype:
        pytest.fail(f"The dtype of {what} should be {expected.dtype}, but is {answer.dtype}.", pytrace=False)
    if not torch.allclose(answer.double(), expected.double(), atol=1e-6):
        pytest.fail(f"{what} should be\n{expected}\nbut is\n{answer}", pytrace=False)


def test_dropout_forward():
    """With p = 0.75 a kept element is divided by 0.25; y and mask agree."""
    y, mask = dropout.dropout_forward(torch.ones(1000), 0.75)
    check(mask.sum() + 0.0, (y == 4).sum() + 0.0, "The number of elements that are 4")
    check((~mask).sum() + 0.0, (y == 0).sum() + 0.0, "The number of elements that are 0")
    assert 150 < int(mask.sum()) < 350, "About a quarter should be kept."


def test_dropout_forward_at_the_ends():
    """p = 0 keeps everything, p = 1 nothing, evaluation everything."""
    check(dropout.dropout_forward(X, 0.0)[0], X, "y with p = 0")
    check(dropout.dropout_forward(X, 1.0)[0], torch.zeros_like(X), "y with p = 1")
    y, mask = dropout.dropout_forward(X, 0.5, training=False)
    check(y, X, "y in evaluation")
    check(mask, torch.ones(2, 3, dtype=torch.bool), "The mask in evaluation")


def test_dropout_forward_without_a_probability():
    """1.5 is no probability."""
    with pytest.raises(ValueError):
        dropout.dropout_forward(X, 1.5)


def test_dropout_backward():
    """The gradient is divided by 1 − p = 0.5 where the element was kept."""
    mask = torch.tensor([[True, False, True], [False, False, True]])
    check(dropout.dropout_backward(X, mask, 0.5), tensor([2, 0, 6, 0, 0, 12], 2, 3), "dx")


def test_module():
    """Dropout looks at self.training."""
    layer = dropout.Dropout(0.5)
    assert layer.p == 0.5
    assert bool((layer(torch.ones(1000)) == 0).any()), "A new module should drop something."
    check(layer.eval()(X), X, "The output in evaluation")


def test_predict():
    """x = 2: the hidden units are relu(2) = 2 and relu(−2 + 3) = 1, the output is 2 + 2 + 10."""
    check(dropout.predict(tensor([2], 1, 1), NETWORK), tensor([14], 1, 1), "The output")


def test_exact_ensemble():
    """The thinned networks give 10, 10 + 4, 10 + 4 and 10 + 8 at p = 0.5: 14 on average, which is the whole one's."""
    check(dropout.exact_ensemble(tensor([2], 1, 1), NETWORK, 0.5), tensor([14], 1, 1), "The mean")


def test_sampled_ensemble():
    """The mean of many samples is close to 14."""
    y = dropout.sampled_ensemble(tensor([2], 1, 1), NETWORK, 0.5, 2000)
    assert y.shape == (1, 1)
    assert 13.5 < float(y) < 14.5


def test_flip():
    """p = 1 mirrors every image left to right."""
    check(dropout.random_horizontal_flip(IMAGE, 1.0), tensor([3, 2, 1, 6, 5, 4], 1, 1, 2, 3), "The mirrored image")
    check(dropout.random_horizontal_flip(IMAGE, 0.0), IMAGE, "The image that is not mirrored")


def test_crop():
    """Of one pixel with a zero on every side, a window of one pixel is 1 in one of nine places."""
    crops = dropout.random_crop(torch.ones(900, 1, 1, 1), 1)
    assert crops.shape == (900, 1, 1, 1)
    assert 40 < int(crops.sum()) < 180, "About 100 of 900 crops should show the pixel."


def test_color_cast():
    """All pixels of a channel get the same number, from −0.5 to 0.5."""
    added = dropout.color_cast(torch.zeros(4, 3, 2, 5), 0.5)
    check(added, added[:, :, :1, :1].expand(4, 3, 2, 5), "What is added")
    assert 0 < float(added.abs().max()) <= 0.5


def test_rotate():
    """A quarter turn, counter-clockwise: the right column becomes the upper row."""
    image = tensor([1, 2, 3, 4], 1, 1, 2, 2)
    check(dropout.rotate(image, tensor([90])), tensor([2, 4, 1, 3], 1, 1, 2, 2), "The turned image")


def test_rotate_between_pixels():
    """By 45 degrees, the middle stays, and what comes from outside is 0."""
    image = torch.ones(1, 1, 3, 5, dtype=torch.float64)
    turned = dropout.rotate(image, tensor([45]))
    check(turned[:, :, 1, 2], tensor([1], 1, 1), "The pixel in the centre")
    check(turned[:, :, 1, 0], tensor([2 - 2**0.5], 1, 1), "The pixel at the left end of the middle row")


def test_random_rotation():
    """No angle is larger than max_degrees = 0."""
    check(dropout.random_rotation(IMAGE, 0.0), IMAGE, "The image")


def test_augment():
    """Augment changes images in training only."""
    images = torch.arange(240.0).reshape(4, 3, 4, 5)
    augment = dropout.Augment()
    assert not torch.equal(augment(images), images), "A new module should change images."
    check(augment.eval()(images), images, "The images in evaluation")


def test_shuffled_batches():
    """Every image comes once, with its label; the last batch is smaller."""
    images, labels = torch.arange(7.0).reshape(7, 1, 1, 1).expand(7, 3, 2, 2), torch.arange(7)
    batches = dropout.shuffled_batches(images, labels, 3)
    assert [len(some) for some, _ in batches] == [3, 3, 1]
    for some, own in batches:
        check(some[:, 0, 0, 0].long(), own, "The images' numbers")
    check(torch.cat([own for _, own in batches]).sort().values, labels, "All labels of an epoch")
