"""Part `sgd`. Velocities are random, not 0, and the momentum is no 0.5: else many a wrong formula is right."""

import pytest
import torch
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import leaves_inputs_alone, part, pick

OUTPUTS = ("params", "velocity")
SHAPES = {"W1": (3, 4), "b1": (4,), "W2": (4, 2)}
OTHER = {"scale": (), "b": (1,), "kernel": (2, 1, 3), "row": (1, 4), "column": (4, 1), "square": (3, 3)}


@pytest.fixture
def state(draws):
    """state(dtype): parameters, gradients and velocities."""

    def draw(dtype=torch.float64):
        def make():
            return {name: draws.normal(*shape, dtype=dtype) for name, shape in SHAPES.items()}

        return draws.remember(make), draws.remember(make), draws.remember(make)

    return draw


@pytest.fixture
def judge_step(student, reference, same_entries):
    """judge_step(output, …): this output of a step is right."""

    def judge(output, *args, **kwargs):
        answer = student.sgd_momentum_step.once(*args, **kwargs)
        found = pick(answer, output, OUTPUTS)
        student.sgd_momentum_step.looked_at(OUTPUTS.index(output))
        expected = reference.sgd_momentum_step(*args, **kwargs)[OUTPUTS.index(output)]
        same_entries(found, expected, f"`{output}`")

    return judge


@part("sgd")
@weight(2.5)
@pytest.mark.parametrize("output", OUTPUTS)
def test_step(judge_step, state, output):
    """sgd_momentum_step moves the velocity by the gradient, and the parameters by the velocity."""
    judge_step(output, *state(), 0.3, momentum=0.8)


@part("sgd")
@weight(0.75)
def test_first_step(judge_step, state, draws):
    """sgd_momentum_step takes the gradient as it is where the velocity is 0."""
    params, grads, _ = state()
    rest = draws.remember(lambda: {name: torch.zeros(shape, dtype=torch.float64) for name, shape in SHAPES.items()})
    for output in OUTPUTS:
        judge_step(output, params, grads, rest, 0.2, momentum=0.7)


@part("sgd")
@weight(1.75)
def test_several_steps(student, reference, same_entries, state):
    """sgd_momentum_step can be repeated, and a new learning rate acts at once."""
    found = expected = state()[0], state()[2]
    grads = state()[1]
    for lr in (0.5, 0.5, 0.05):
        found = student.sgd_momentum_step(found[0], grads, found[1], lr, momentum=0.8)
        expected = reference.sgd_momentum_step(expected[0], grads, expected[1], lr, momentum=0.8)
        for output, entries in zip(OUTPUTS, expected, strict=True):
            same_entries(pick(found, output, OUTPUTS), entries, f"`{output}`")


@part("sgd")
@weight(1.25)
def test_weight_decay(judge_step, state):
    """sgd_momentum_step adds weight_decay times the parameter to its gradient, and so to the velocity."""
    params, grads, velocity = inputs = state()
    nothing = {name: value * 0 for name, value in grads.items()}
    for output in OUTPUTS:
        judge_step(output, *inputs, 0.2, momentum=0.7, weight_decay=0.3)
        judge_step(output, params, nothing, velocity, 0.2, momentum=0.7, weight_decay=0.3)
        judge_step(output, nothing, grads, velocity, 0.2, momentum=0.7, weight_decay=0.3)
        judge_step(output, *inputs, 0.2, 0.6, 1.5)
        judge_step(output, *inputs, lr=0.1, weight_decay=0.01)


@part("sgd")
@weight(0.5)
@visibility("after_due_date")
def test_without_momentum(judge_step, state):
    """sgd_momentum_step forgets the old velocity at a momentum of 0 and keeps all of it at 1, with and without decay."""
    inputs = state()
    for output in OUTPUTS:
        for momentum in (1.0, 0.0):
            judge_step(output, *inputs, 0.2, momentum=momentum)
            judge_step(output, *inputs, 0.2, momentum=momentum, weight_decay=0.3)


@part("sgd")
@weight(0.5)
@visibility("after_due_date")
def test_any_parameters(judge_step, draws):
    """sgd_momentum_step takes parameters of any names, shapes and sizes, in any order in each dictionary."""

    def make(shapes):
        return {name: draws.normal(*shapes[name]) for name in shapes}

    turned = dict(reversed(SHAPES.items()))
    alike = dict.fromkeys(("a", "b", "c"), (2, 3))
    cases = draws.remember(
        lambda: (
            (make(OTHER), make(OTHER), make(OTHER)),
            (make(SHAPES), make(turned), make(SHAPES)),
            (make(alike), make(alike), make(dict(reversed(alike.items())))),
            (make({"w": (3,)}), make({"w": (3,)}), make({"w": (3,)})),
        )
    )
    scaled = [[{name: scale * one[name] for name in one} for one in cases[0]] for scale in (1e-9, 1e3)]
    for output in OUTPUTS:
        for inputs in (*cases, *scaled):
            judge_step(output, *inputs, 0.3, momentum=0.8, weight_decay=0.1)
        judge_step(output, *cases[0], 0.0137, momentum=0.873, weight_decay=0.00052)


@part("sgd")
@weight(0.75)
def test_default_momentum(judge_step, state):
    """sgd_momentum_step has a momentum of 0.9 where none is given."""
    inputs = state()
    for output in OUTPUTS:
        judge_step(output, *inputs, 0.1, momentum=0.6)
        judge_step(output, *inputs, 0.1)


@part("sgd")
@weight(0.5)
@visibility("after_due_date")
def test_learning_rate_of_zero(judge_step, state):
    """sgd_momentum_step keeps the parameters at a learning rate of 0, but goes on collecting velocity."""
    for output in OUTPUTS:
        judge_step(output, *state(), 0.0, momentum=0.6)


@part("sgd")
@weight(0.5)
def test_step_in_float32(judge_step, state):
    """sgd_momentum_step answers float32 tensors with float32 tensors."""
    for output in OUTPUTS:
        judge_step(output, *state(torch.float32), 0.3, momentum=0.6)


@part("sgd")
@weight(0.5)
def test_step_leaves_inputs(student, judge_step, state):
    """sgd_momentum_step is right and leaves parameters, gradients and velocities unchanged."""
    inputs = state()
    for output in OUTPUTS:
        judge_step(output, *inputs, 0.3, momentum=0.8)
    leaves_inputs_alone(student.sgd_momentum_step, *inputs, 0.3, momentum=0.8)
    leaves_inputs_alone(student.sgd_momentum_step, *inputs, 0.3, momentum=0.8, weight_decay=0.2)
    leaves_inputs_alone(student.sgd_momentum_step, *inputs, 0.3, momentum=0.0)
