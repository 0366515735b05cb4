"""Parts `numerical` and `checker`.

The function to differentiate cannot be sent, so the student's own `cubic`, which the starter has ready-made, makes it
in the sandbox. For a cubic, central differences are wrong by exactly h² a³: a large h tells them from all others.
"""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.errors import StudentError
from grader.judging.compare import Disagreement
from grader.suite import agree, expect_equal, is_wrong, leaves_inputs_alone, part

ROUNDING = 1e-9  # relative error of a numerical gradient that is right


@pytest.fixture
def judge_numerical(student, reference, normal, draws):
    """judge_numerical(shape, h): the numerical gradient of a cubic is right, at two places."""

    def judge(*shape, h=None, tolerance=None, by_name=True, scale=1.0):
        a, b = scale * normal(*shape), scale * normal(*shape)
        options = {} if h is None else {"h": h}
        f = student.cubic(a, b)
        for x in (normal(*shape), normal(*shape), 0 * normal(*shape)):
            agree(
                lambda x=x: (
                    student.numerical_gradient(f, x, **options) if by_name else student.numerical_gradient(f, x, h)
                ),
                lambda x=x: draws.remember(lambda: reference.numerical_gradient(reference.cubic(a, b), x, **options)),
                tolerance=tolerance,
            )

    return judge


@part("numerical")
@weight(2)
@pytest.mark.parametrize("shape", [(5,), (3, 4)], ids=["vector", "matrix"])
def test_central_differences(judge_numerical, shape):
    """numerical_gradient takes central differences, for each element of x."""
    judge_numerical(*shape, h=0.25)
    judge_numerical(*shape, h=0.1, by_name=False)  # no number of float32
    for scale in (1e-9, 1e3):
        judge_numerical(*shape, h=0.25, scale=scale)


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
    for shape in ((), (1,), (1, 3), (3, 1), (3, 3), (2, 2, 1), (2, 1, 2, 1)):
        judge_numerical(*shape, h=0.5)


@part("numerical")
@weight(0.5)
def test_x_is_left_alone(student, reference, normal, judge_numerical):
    """numerical_gradient is right and leaves x unchanged."""
    judge_numerical(4, h=0.25)
    leaves_inputs_alone(student.numerical_gradient, student.cubic(normal(4), normal(4)), normal(4), h=0.25)


# ------------------------------------------------------------------------------------------------------- the checker


def changed(gradient, value, at=(1, 2)):
    """The gradient with another element at one place."""
    other = gradient.clone()
    other[at] = value
    return other


def cases(draws):
    """What each check asks: (one gradient, the other, tolerance or nothing, whether they agree)."""
    noise = 1 + ROUNDING * draws.normal(3, 4).clamp(-3, 3)
    x = draws.normal(3, 4)
    gradient = x.sign() * (x.abs().clamp(max=3) + 0.5)  # elements of a size from 0.5 to 3.5, of both signs
    small, tiny, huge = changed(gradient, 1e-8, (0, 1)), gradient * 1e-9, gradient * 1e9
    middling = changed(gradient, gradient[1, 2] + 2e-6 * gradient.abs().max())
    swapped = changed(changed(gradient, gradient[0, 0] + 1, (0, 0)), gradient[2, 3] - 1, (2, 3))
    holed, holed_by_nan = changed(gradient, 0.0), changed(gradient, float("nan"))
    row = gradient[:1].expand(3, 4).clone()
    nothing = torch.zeros_like(gradient)

    # The larger of two elements, and others by these factors: exact in binary, so that ≤ and < differ.
    larger = 2.0 ** (gradient * 2).round() * gradient.sign()
    bounds = {0.75: True, 0.76: True, 0.7: False, 0.0: False, 1.0: True}
    both_bounds = changed(larger * 0.9, larger[1, 2] * 0.7)

    def told(right, *wrong):
        noisy = right * (noise if right.shape == noise.shape else 1 + ROUNDING)
        pairs = [(right, noisy, True), *((other, noisy, False) for other in wrong)]
        both_ways = [*pairs, *((other, one, answer) for one, other, answer in pairs)]  # for the formula is symmetric
        return [((one, other), answer) for one, other, answer in both_ways]

    return {
        "one_element": told(gradient, changed(gradient, gradient[1, 2] + 0.5), middling),
        "small_element": told(small, changed(small, 3e-8, (0, 1))),
        "signs": told(gradient, -gradient, changed(gradient, -gradient[1, 2])),
        "factor": told(gradient, gradient * 1.01),
        "cancel": told(gradient, swapped),
        "tiny": told(tiny, tiny * 1.5, nothing) + told(tiny * 1e-60, tiny * 1.5e-60, nothing),
        "huge": told(huge, huge * 1.001),
        "zeros": [
            *told(holed, changed(holed, 1e-3)),
            *told(holed, changed(holed, 1e-30)),
            ((nothing, nothing.clone()), True),
            ((nothing, -nothing), True),
        ],
        "nan": [*told(gradient, holed_by_nan), ((holed_by_nan, holed_by_nan.clone()), False)],
        "shapes": [
            *told(row, row[:1].clone(), row[0].clone(), row.T.clone(), row[None].clone(), row.flatten()),
            *told(row[:1, :1].clone(), row[0, 0].clone(), row[0, :1].clone(), row[:1, :1] * 1.01),
            *told(row[0, 0].clone(), row[0, :1].clone(), -row[0, 0]),
        ],
        "larger": [
            *(((larger, larger * factor, 0.25), answer) for factor, answer in bounds.items()),
            *(((larger * factor, larger, 0.25), answer) for factor, answer in bounds.items()),
            ((larger, both_bounds, 0.25), False),
            ((both_bounds, larger, 0.25), False),
        ],
        "tolerance": [
            ((gradient, gradient * (1 + 1e-5)), False),
            ((gradient, gradient * (1 + 1e-7)), True),
            ((gradient, gradient * (1 + 1e-5), 1e-3), True),
            ((gradient, gradient * (1 + 1e-7), 1e-8), False),
            ((gradient, gradient * (1 + 1e-9), 1e-11), False),
            ((gradient, gradient * (1 + 1e-13), 1e-11), True),
            ((gradient, gradient * (1 + 1e-9), 0.0), False),
            ((gradient, gradient.clone(), 0.0), True),
        ],
    }


@pytest.fixture
def judge_checker(student, common_draws):
    """judge_checker("signs"): the student's function tells right from wrong in these cases.

    It is asked about all cases in each check, until it meets a limit, and judged by these: an answer is no more than a
    bit, and it is by many that a mistake is recognised.
    """

    def judge(name):
        asked = common_draws.remember(lambda: cases(common_draws))
        others = (question for case, questions in asked.items() if case != name for question in questions)
        wrong = []
        for i, question in enumerate([*asked[name], *others]):
            error = judge_one(*question)
            wrong += [error] if error and i < len(asked[name]) else []
            if error and not is_wrong(error):
                break  # at a limit, which the other questions would meet too
        if wrong:
            raise wrong[0]

    def judge_one(arguments, expected):
        try:
            expect_equal(student.gradients_agree.once(*arguments), expected)
        except (Disagreement, StudentError) as error:
            return error
        return None

    return judge


@part("checker")
@weight(0.7)
def test_one_element(judge_checker):
    """gradients_agree sees a single wrong element."""
    judge_checker("one_element")


@part("checker")
@weight(0.6)
def test_small_element(judge_checker):
    """gradients_agree sees a wrong element that is much smaller than the others."""
    judge_checker("small_element")


@part("checker")
@weight(0.7)
def test_signs(judge_checker):
    """gradients_agree sees a wrong sign, of everything or of one element."""
    judge_checker("signs")


@part("checker")
@weight(0.7)
def test_factor(judge_checker):
    """gradients_agree sees a gradient that is 1% too large."""
    judge_checker("factor")


@part("checker")
@weight(0.6)
def test_errors_that_cancel(judge_checker):
    """gradients_agree sees errors that cancel in a sum."""
    judge_checker("cancel")


@part("checker")
@weight(0.7)
def test_tiny_gradients(judge_checker):
    """gradients_agree sees that gradients of the size 1e-9 are wrong by half."""
    judge_checker("tiny")


@part("checker")
@weight(0.7)
def test_huge_gradients(judge_checker):
    """gradients_agree takes gradients of the size 1e9 for right that differ by rounding."""
    judge_checker("huge")


@part("checker")
@weight(0.8)
def test_zeros(judge_checker):
    """gradients_agree takes two zeros for equal, and a zero and something else for different."""
    judge_checker("zeros")


@part("checker")
@weight(0.8)
def test_nan(judge_checker):
    """gradients_agree never takes NaN for right."""
    judge_checker("nan")


@part("checker")
@weight(0.6)
def test_shapes(judge_checker):
    """gradients_agree takes gradients of different shapes for different, also where they could be broadcast."""
    judge_checker("shapes")


@part("checker")
@weight(0.6)
@visibility("after_due_date")
def test_tolerance(student, judge_checker, common_draws):
    """gradients_agree heeds its tolerance, which is 1e-6 where none is given, and leaves the gradients unchanged."""
    judge_checker("tolerance")
    one = common_draws.normal(3, 4)
    other = common_draws.remember(lambda: one * 1.01)
    for tolerance, answer in ((0.1, True), (1e-3, False)):
        expect_equal(student.gradients_agree(one, other, tolerance=tolerance), answer)
    leaves_inputs_alone(student.gradients_agree, one, other)


@part("checker")
@weight(0.5)
@visibility("after_due_date")
def test_larger_of_the_two(judge_checker):
    """gradients_agree measures an error by the larger of the two elements, and an error of just the bound is allowed."""
    judge_checker("larger")
