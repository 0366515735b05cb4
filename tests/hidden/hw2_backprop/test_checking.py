"""Parts `numerical` and `checker`.

The function to differentiate cannot be sent, so the student's own `cubic`, which the starter has ready-made, makes it
in the sandbox. For a cubic, central differences are wrong by exactly h² a³: a large h tells them from all others.
"""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import agree, leaves_inputs_alone, part

ROUNDING = 1e-9  # relative error of a numerical gradient that is right


@pytest.fixture
def judge_numerical(student, reference, normal, draws):
    """judge_numerical(shape, h): the numerical gradient of a cubic is right."""

    def judge(*shape, h=None, tolerance=None):
        a, b, x = normal(*shape), normal(*shape), normal(*shape)
        options = {} if h is None else {"h": h}
        f = student.cubic(a, b)
        agree(
            lambda: student.numerical_gradient(f, x, **options),
            lambda: draws.remember(lambda: reference.numerical_gradient(reference.cubic(a, b), x, **options)),
            tolerance=tolerance,
        )

    return judge


@part("numerical")
@weight(2)
@pytest.mark.parametrize("shape", [(5,), (3, 4)], ids=["vector", "matrix"])
def test_central_differences(judge_numerical, shape):
    """numerical_gradient takes central differences, for each element of x."""
    judge_numerical(*shape, h=0.25)


@part("numerical")
@weight(0.75)
def test_default_step(judge_numerical):
    """numerical_gradient is exact to six digits where no h is given."""
    judge_numerical(2, 3, tolerance=1e-6)


@part("numerical")
@weight(0.75)
@visibility("after_due_date")
def test_other_ranks(judge_numerical):
    """numerical_gradient takes an x of any shape, also one without axes."""
    judge_numerical(2, 3, 2, h=0.125)
    judge_numerical(h=0.5)


@part("numerical")
@weight(0.5)
def test_x_is_left_alone(student, reference, normal, judge_numerical):
    """numerical_gradient is right and leaves x unchanged."""
    judge_numerical(4, h=0.25)
    leaves_inputs_alone(student.numerical_gradient, student.cubic(normal(4), normal(4)), normal(4), h=0.25)


# ------------------------------------------------------------------------------------------------------- the checker


@pytest.fixture
def gradient(draws):
    """Elements of a size from 0.5 to 3.5, of both signs."""

    def make():
        x = draws.normal(3, 4)
        return x.sign() * (x.abs().clamp(max=3) + 0.5)

    return draws.remember(make)


@pytest.fixture
def judge_checker(student, draws):
    """judge_checker(right, *wrong): gradients that are right up to rounding are found so, and each wrong one wrong.

    Asked in both orders, for the formula is symmetric.
    """

    def judge(right, *wrong):
        noisy = draws.remember(lambda: right * (1 + ROUNDING * draws.normal(*right.shape).clamp(-3, 3)))
        agree(student.gradients_agree, lambda *_: True, right, noisy)
        for other in wrong:
            agree(student.gradients_agree, lambda *_: False, other, noisy)
            agree(student.gradients_agree, lambda *_: False, noisy, other)

    return judge


def changed(gradient, value, at=(1, 2)):
    """The gradient with another element at one place."""
    other = gradient.clone()
    other[at] = value
    return other


@part("checker")
@weight(0.8)
def test_one_element(judge_checker, gradient, draws):
    """gradients_agree sees a single wrong element, large or small."""
    small = draws.remember(lambda: changed(gradient, 1e-4, (0, 1)))
    judge_checker(gradient, draws.remember(lambda: changed(gradient, gradient[1, 2] + 0.5)))
    judge_checker(small, draws.remember(lambda: changed(small, 3e-4, (0, 1))))


@part("checker")
@weight(0.8)
def test_signs(judge_checker, gradient, draws):
    """gradients_agree sees a wrong sign, of everything or of one element."""
    wrong = draws.remember(lambda: (-gradient, changed(gradient, -gradient[1, 2])))
    judge_checker(gradient, *wrong)


@part("checker")
@weight(0.8)
def test_factor(judge_checker, gradient, draws):
    """gradients_agree sees a gradient that is 1% too large."""
    judge_checker(gradient, draws.remember(lambda: gradient * 1.01))


@part("checker")
@weight(0.8)
def test_errors_that_cancel(judge_checker, gradient, draws):
    """gradients_agree sees errors that cancel in a sum."""
    wrong = draws.remember(lambda: changed(changed(gradient, gradient[0, 0] + 1, (0, 0)), gradient[2, 3] - 1, (2, 3)))
    judge_checker(gradient, wrong)


@part("checker")
@weight(0.8)
def test_tiny_gradients(judge_checker, gradient, draws):
    """gradients_agree sees that gradients of the size 1e-9 are wrong by half."""
    tiny = draws.remember(lambda: gradient * 1e-9)
    judge_checker(tiny, draws.remember(lambda: tiny * 1.5), draws.remember(lambda: torch.zeros_like(tiny)))


@part("checker")
@weight(0.8)
def test_huge_gradients(judge_checker, gradient, draws):
    """gradients_agree takes gradients of the size 1e9 for right that differ by rounding."""
    huge = draws.remember(lambda: gradient * 1e9)
    judge_checker(huge, draws.remember(lambda: huge * 1.001))


@part("checker")
@weight(0.8)
def test_zeros(judge_checker, gradient, draws):
    """gradients_agree takes two zeros for equal, and a zero and something else for different."""
    holed = draws.remember(lambda: changed(gradient, 0.0))
    judge_checker(holed, draws.remember(lambda: changed(holed, 1e-3)))
    judge_checker(draws.remember(lambda: torch.zeros_like(gradient)))


@part("checker")
@weight(0.8)
def test_nan(student, judge_checker, gradient, draws):
    """gradients_agree never takes NaN for right."""
    holed = draws.remember(lambda: changed(gradient, float("nan")))
    judge_checker(gradient, holed)
    agree(student.gradients_agree, lambda *_: False, holed, holed)


@part("checker")
@weight(0.8)
def test_shapes(judge_checker, gradient, draws):
    """gradients_agree takes gradients of different shapes for different, also where they could be broadcast."""
    row = draws.remember(lambda: gradient[:1].expand(3, 4).clone())
    judge_checker(row, *draws.remember(lambda: (row[:1].clone(), row[0].clone(), row.T.clone())))


@part("checker")
@weight(0.8)
@visibility("after_due_date")
def test_tolerance(student, gradient, draws):
    """gradients_agree heeds its tolerance, which is 1e-6 where none is given."""
    for factor in (1 + 1e-5, 1 + 1e-7):
        other = draws.remember(lambda factor=factor: gradient * factor)
        agree(student.gradients_agree, lambda *_, factor=factor: factor < 1 + 1e-6, gradient, other)
        agree(student.gradients_agree, lambda *_: True, gradient, other, 1e-3)
        agree(student.gradients_agree, lambda *_: False, gradient, other, 1e-8)
