"""Part `lines`: each line of the algorithm, on the reference's own values of the lines before."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, leaves_inputs_alone, part

# No two axes that could be confused have the same size.
CASES = {"images": (3, 4, 2, 5), "features": (5, 3), "one_image": (1, 3, 4, 2)}

# Sizes of one, which may get lost, and sizes that are all the same, by which no axis is known.
ODD = ((4, 1, 2, 3), (3, 4, 1, 5), (3, 4, 5, 1), (1, 4, 1, 2), (1, 4), (5, 1), (3, 4, 2, 4), (4, 4, 4, 4), (4, 4))


def arguments(line, x, reference, normal):
    """What a line gets when all lines before it are right."""
    mean = reference.batch_mean(x)
    var = reference.batch_variance(x, mean)
    channels = x.shape[1]
    return {
        "batch_mean": lambda: (x,),
        "batch_variance": lambda: (x, mean),
        "normalize": lambda: (x, mean, var, 0.5),
        "scale_and_shift": lambda: (x, normal(channels, dtype=x.dtype), normal(channels, dtype=x.dtype)),
    }[line]()


LINES = ("batch_mean", "batch_variance", "normalize", "scale_and_shift")


@part("lines")
@weight(1.5)
@pytest.mark.parametrize("case", CASES)
def test_mean(student, reference, batch, case):
    """batch_mean gives one mean per channel, over all that the batch holds of it."""
    agree(student.batch_mean, reference.batch_mean, batch(*CASES[case]))


@part("lines")
@weight(1.5)
@pytest.mark.parametrize("case", CASES)
def test_variance(student, reference, batch, case):
    """batch_variance gives one variance per channel, over all that the batch holds of it."""
    x = batch(*CASES[case])
    agree(student.batch_variance, reference.batch_variance, x, reference.batch_mean(x))


@part("lines")
@weight(1.5)
@visibility("after_due_date")
def test_variance_far_from_zero(student, reference, draws):
    """batch_variance keeps its digits where float32 values lie around 1,000."""
    x = (draws.normal(4, 3, 2, 5) + 1000).float()
    agree(student.batch_variance, reference.batch_variance, x, reference.batch_mean(x), tolerance=1e-3)


@part("lines")
@weight(1.5)
@pytest.mark.parametrize("case", CASES)
def test_normalize(student, reference, batch, normal, case):
    """normalize subtracts each channel's mean and divides by the root of its variance and eps."""
    x = batch(*CASES[case])
    agree(student.normalize, reference.normalize, *arguments("normalize", x, reference, normal))


@part("lines")
@weight(1)
def test_default_eps(student, reference, normal, positive):
    """normalize adds an eps of 1e-5 where none is given."""
    x, mean, var = normal(3, 4, 2, 5), normal(4), positive(4) * 1e-5
    agree(student.normalize, reference.normalize, x, mean, var)


@part("lines")
@weight(1)
def test_constant_channel(student, reference, batch, normal):
    """normalize gives 0, no NaN, for a channel in which all values are equal."""
    x = batch(4, 3, 2, 5).clone()
    x[:, 1] = normal(1)
    mean, var = reference.batch_mean(x), reference.batch_variance(x, reference.batch_mean(x))
    agree(student.normalize, reference.normalize, x, mean, var)


@part("lines")
@weight(1.5)
@pytest.mark.parametrize("case", ["images", "features"])
def test_scale_and_shift(student, reference, batch, normal, case):
    """scale_and_shift multiplies each channel by its gamma, then adds its beta."""
    x = batch(*CASES[case])
    agree(student.scale_and_shift, reference.scale_and_shift, *arguments("scale_and_shift", x, reference, normal))


@part("lines")
@weight(0.25)
@pytest.mark.parametrize("line", LINES)
def test_line_in_float32(student, reference, batch, normal, line):
    """The lines answer float32 tensors with float32 tensors."""
    x = batch(4, 3, 2, 5, dtype=torch.float32)
    agree(getattr(student, line), getattr(reference, line), *arguments(line, x, reference, normal))


@part("lines")
@weight(0.25)
@pytest.mark.parametrize("line", LINES)
def test_line_leaves_inputs(student, reference, batch, normal, line):
    """The lines are right and leave their arguments unchanged."""
    inputs = arguments(line, batch(4, 3, 2, 5), reference, normal)
    agree(getattr(student, line), getattr(reference, line), *inputs)
    leaves_inputs_alone(getattr(student, line), *inputs)


@part("lines")
@weight(0.5)
@pytest.mark.parametrize("line", LINES)
def test_odd_sizes(student, reference, batch, normal, line):
    """The lines are right for a single example, channel, row or column, where sizes are equal, and for far values."""
    for shape in ODD:
        agree(getattr(student, line), getattr(reference, line), *arguments(line, batch(*shape), reference, normal))
    x, gamma, beta = batch(3, 4, 2, 5), normal(4), normal(4)
    for scale in (1e-9, 0, 1e3):
        one = arguments(line, scale * x, reference, normal)
        one = (scale * x, gamma, scale * beta) if line == "scale_and_shift" else one
        agree(getattr(student, line), getattr(reference, line), *one)
