"""Public checks: numbers small enough to follow with a pencil. Run `pytest` in the homework's folder.

The batch is 1, 2, 3, 6. Its mean is 3, its variance 3.5, and with ε = 0.5 the root is exactly 2. Grading uses other and
harder inputs, so passing here is a start: compare with torch's own layer too (README.md shows how).
"""

import batchnorm
import pytest
import torch


def tensor(values, *shape):
    """A float64 tensor of the given shape."""
    return torch.tensor(values, dtype=torch.float64).reshape(shape or (-1,))


BATCH = tensor([1, 2, 3, 6], 4, 1)  # four values of one feature
IMAGES = tensor([1, 2, 7, 7, 3, 6, 7, 7], 2, 2, 1, 2)  # the same in channel 0 of two images; channel 1 is all 7
X_HAT = tensor([-1, -0.5, 0, 1.5], 4, 1)


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


def test_batch_mean():
    """Line 1: the mean of 1, 2, 3, 6 is 3; in images it is taken over all pixels of all images."""
    check(batchnorm.batch_mean(BATCH), tensor([3]), "The mean of the features")
    check(batchnorm.batch_mean(IMAGES), tensor([3, 7]), "The mean of the images")


def test_batch_variance():
    """Line 2: (4 + 1 + 0 + 9) / 4 = 3.5."""
    check(batchnorm.batch_variance(BATCH, tensor([3])), tensor([3.5]), "The variance of the features")
    check(batchnorm.batch_variance(IMAGES, tensor([3, 7])), tensor([3.5, 0]), "The variance of the images")


def test_normalize():
    """Line 3: the distances −2, −1, 0, 3 from the mean, divided by sqrt(3.5 + 0.5) = 2."""
    check(batchnorm.normalize(BATCH, tensor([3]), tensor([3.5]), eps=0.5), X_HAT, "x_hat")
    x_hat = batchnorm.normalize(IMAGES, tensor([3, 7]), tensor([3.5, 0]), eps=0.5)
    check(x_hat, tensor([-1, -0.5, 0, 0, 0, 1.5, 0, 0], 2, 2, 1, 2), "x_hat of the images")


def test_scale_and_shift():
    """Line 4: times 10, plus 5."""
    check(batchnorm.scale_and_shift(X_HAT, tensor([10]), tensor([5])), tensor([-5, 0, 5, 20], 4, 1), "y")


def test_update_running():
    """0.7 · 0 + 0.3 · 3 = 0.9, and 0.7 · 1 + 0.3 · 14/3 = 2.1: the running variance takes 14/3, not 14/4."""
    mean, var = batchnorm.update_running(tensor([0]), tensor([1]), tensor([3]), tensor([3.5]), 4, momentum=0.3)
    check(mean, tensor([0.9]), "The running mean")
    check(var, tensor([2.1]), "The running variance")


def test_batchnorm_forward_in_training():
    """In training the batch is normalised with its own statistics, and the running ones move."""
    layer = tensor([10]), tensor([5]), tensor([0]), tensor([1])
    y, mean, var = batchnorm.batchnorm_forward(BATCH, *layer, True, momentum=0.3, eps=0.5)
    check(y, tensor([-5, 0, 5, 20], 4, 1), "y")
    check(mean, tensor([0.9]), "The running mean")
    check(var, tensor([2.1]), "The running variance")


def test_batchnorm_forward_in_evaluation():
    """In evaluation 6 becomes 10 · (6 − 2) / sqrt(15.5 + 0.5) + 5 = 15, whatever else is in the batch."""
    layer = tensor([10]), tensor([5]), tensor([2]), tensor([15.5])
    y, mean, var = batchnorm.batchnorm_forward(BATCH[3:], *layer, False, eps=0.5)
    check(y, tensor([15], 1, 1), "y")
    check(mean, tensor([2]), "The running mean")
    check(var, tensor([15.5]), "The running variance")


def test_batchnorm_forward_of_a_single_value():
    """In training one value per channel has no variance to speak of."""
    ones = torch.ones(2, dtype=torch.float64)
    with pytest.raises(ValueError):
        batchnorm.batchnorm_forward(torch.ones(1, 2, dtype=torch.float64), ones, ones, ones, ones, True)


def test_batchnorm_backward():
    """Only y[0] counts, but dx is nowhere 0: the mean and the variance carry its gradient to all of the batch."""
    dout = tensor([1, 0, 0, 0], 4, 1)
    dx, dgamma, dbeta = batchnorm.batchnorm_backward(dout, X_HAT, tensor([3.5]), tensor([2]), eps=0.5)
    check(dx, tensor([0.5, -0.375, -0.25, 0.125], 4, 1), "dx")
    check(dgamma, tensor([-1]), "dgamma")
    check(dbeta, tensor([1]), "dbeta")


def test_module():
    """BatchNorm2d counts its batches, and what it learned from them fits into torch's layer and back."""
    module, torchs = batchnorm.BatchNorm2d(2, eps=0.5, momentum=0.3), torch.nn.BatchNorm2d(2, eps=0.5, momentum=0.3)
    y = module(IMAGES.float())
    check(y.detach(), tensor([-1, -0.5, 0, 0, 0, 1.5, 0, 0], 2, 2, 1, 2).float(), "The output")
    torchs.load_state_dict(module.state_dict())
    check(torchs.running_var, tensor([2.1, 0.7]).float(), "The running variance")
    check(torchs.num_batches_tracked, torch.tensor(1), "The number of batches")
    module.load_state_dict(torchs.state_dict())
