"""Part `backward`."""

import pytest
import torch
import torch.nn.functional as F
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, expect, leaves_inputs_alone, part, pick

GRADIENTS = ("dx", "dgamma", "dbeta")
CASES = {"images": (3, 4, 2, 5), "features": (5, 3), "few": (3, 2)}


@pytest.fixture
def inputs(batch, normal, reference, draws):
    """inputs(shape): dout, and x_hat and var of a batch of that shape, and gamma; eps is 0.5."""

    def draw(shape, dtype=torch.float64, eps=0.5, size=1.0):
        x = batch(*shape, dtype=dtype) if size == 1.0 else draws.remember(lambda: size * draws.normal(*shape))
        mean = reference.batch_mean(x)
        var = reference.batch_variance(x, mean)
        x_hat = reference.normalize(x, mean, var, eps)
        return normal(*shape, dtype=dtype), x_hat, var, normal(shape[1], dtype=dtype)

    return draw


@part("backward")
@weight(3)
@pytest.mark.parametrize("case", CASES)
def test_dx(student, reference, inputs, case):
    """batchnorm_backward gives the right gradient for the batch."""
    answer = {"eps": 0.5, "output": "dx", "outputs": GRADIENTS}
    agree(student.batchnorm_backward, reference.batchnorm_backward, *inputs(CASES[case]), **answer)


@part("backward")
@weight(2.5)
@pytest.mark.parametrize("case", ["images", "features"])
def test_dgamma(student, reference, inputs, case):
    """batchnorm_backward gives the right gradient for gamma."""
    answer = {"eps": 0.5, "output": "dgamma", "outputs": GRADIENTS}
    agree(student.batchnorm_backward, reference.batchnorm_backward, *inputs(CASES[case]), **answer)


@part("backward")
@weight(2)
@pytest.mark.parametrize("case", ["images", "features"])
def test_dbeta(student, reference, inputs, case):
    """batchnorm_backward gives the right gradient for beta."""
    answer = {"eps": 0.5, "output": "dbeta", "outputs": GRADIENTS}
    agree(student.batchnorm_backward, reference.batchnorm_backward, *inputs(CASES[case]), **answer)


@part("backward")
@weight(1)
@visibility("after_due_date")
@pytest.mark.parametrize("gradient", ["dx", "dgamma"])
def test_as_torch(student, reference, batch, normal, gradient):
    """batchnorm_backward gives the gradients that torch's autograd gives for torch's layer."""
    x, gamma, beta, dout = batch(4, 3, 5, 2), normal(3), normal(3), normal(4, 3, 5, 2)
    mean = reference.batch_mean(x)
    var = reference.batch_variance(x, mean)

    def torchs(*_, **__):
        leaves = [one.clone().requires_grad_() for one in (x, gamma, beta)]
        y = F.batch_norm(leaves[0], None, None, leaves[1], leaves[2], training=True, eps=0.5)
        return torch.autograd.grad(y, leaves, dout)

    answer = {"eps": 0.5, "output": gradient, "outputs": GRADIENTS}
    agree(student.batchnorm_backward, torchs, dout, reference.normalize(x, mean, var, 0.5), var, gamma, **answer)


@part("backward")
@weight(1)
@visibility("after_due_date")
def test_shift_is_normalised_away(student, inputs):
    """batchnorm_backward gives a dx that sums to 0 in each channel: a shift of the whole batch changes nothing."""
    dout, x_hat, var, gamma = inputs((3, 4, 5, 2))
    dx = pick(student.batchnorm_backward(dout, x_hat, var, gamma, eps=0.5), "dx", GRADIENTS)
    fits = isinstance(dx, torch.Tensor) and dx.shape == x_hat.shape and dx.dtype == x_hat.dtype
    expect(fits, "`dx` is no tensor of the same shape and dtype as `x_hat`")
    expect(bool((dx != 0).any()), "`dx` is 0 everywhere")
    left = dx.sum((0, 2, 3)).abs().max()
    expect(bool(left <= 1e-9 * dx.abs().sum()), "`dx` does not sum to 0 in each channel")


@part("backward")
@weight(2)
def test_backward_default_eps(student, reference, inputs):
    """batchnorm_backward has an eps of 1e-5 where none is given."""
    answer = {"output": "dx", "outputs": GRADIENTS}
    small = inputs((3, 4, 2, 5), eps=1e-5, size=0.005)
    agree(student.batchnorm_backward, reference.batchnorm_backward, *small, **answer)


@part("backward")
@weight(1.5)
def test_backward_in_float32(student, reference, inputs):
    """batchnorm_backward answers float32 tensors with float32 gradients."""
    agree(student.batchnorm_backward, reference.batchnorm_backward, *inputs((4, 3, 2, 5), torch.float32), eps=0.5)


@part("backward")
@weight(0.5)
def test_backward_leaves_inputs(student, reference, inputs):
    """batchnorm_backward is right and leaves its arguments unchanged."""
    one = inputs((4, 3, 2, 5))
    agree(student.batchnorm_backward, reference.batchnorm_backward, *one, eps=0.5)
    leaves_inputs_alone(student.batchnorm_backward, *one, eps=0.5)


@part("backward")
@weight(1)
def test_backward_in_odd_sizes(student, reference, inputs):
    """batchnorm_backward is right for a single image, channel, row or column, for equal sizes and far values."""
    for shape in ((4, 1, 2, 3), (3, 4, 1, 5), (3, 4, 5, 1), (1, 4, 2, 3), (5, 1), (4, 4, 4, 4), (4, 4)):
        agree(student.batchnorm_backward, reference.batchnorm_backward, *inputs(shape), eps=0.5)
    dout, *others = inputs((3, 4, 2, 5))
    for scale in (1e-9, 0, 1e3):
        agree(student.batchnorm_backward, reference.batchnorm_backward, scale * dout, *others, eps=0.037)
