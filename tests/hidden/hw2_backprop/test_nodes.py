"""Part `nodes`: each operation by itself. No node is used twice here: how gradients flow is the next part's matter."""

import pytest
from gradescope_utils.autograder_utils.decorators import visibility, weight

from grader.suite import an_object, part

OPERATIONS = {
    "sum": [("v", "+", "x", "y")],
    "difference": [("v", "-", "x", "y")],
    "product": [("v", "*", "x", "y")],
    "quotient": [("v", "/", "x", "y")],
    "negation": [("v", "neg", "x")],
    "power": [("v", "**", "n", 3)],
    "root": [("v", "**", "p", 0.5)],
    "exp": [("v", "exp", "x")],
    "log": [("v", "log", "p")],
    "tanh": [("v", "tanh", "x")],
    "relu": [("a", "relu", "p"), ("b", "relu", "n"), ("v", "+", "a", "b")],
}
PROGRAMS = {name: tuple(program) for name, program in OPERATIONS.items()}
MORE = {  # other exponents, of numbers of either sign
    "power": (
        (("v", "**", "n", 2),),
        (("v", "**", "x", 4),),
        (("v", "**", "p", -2),),
        (("v", "**", "x", 1),),
        (("v", "**", "x", 0),),
    ),
    "root": ((("v", "**", "p", -0.5),), (("v", "**", "p", 2.5),)),
}
FAR = (6.0, 0.1)  # times as large: a slope that is right near 1 only is wrong there
AT_ZERO = (  # z is 0, and so is what a plain number of 0 makes
    *((("v", operation, "z"),) for operation in ("exp", "neg", "tanh")),
    *((("v", operation, *operands),) for operation in "+-*" for operands in (("z", "x"), ("x", "z"), ("z", "z_too"))),
    *((("v", "**", "z", exponent),) for exponent in (1, 2, 3)),
    *((("v", operation, *operands),) for operation in "+-*" for operands in ((0, "x"), ("x", 0))),
    (("v", "/", "z", "x"),),
    (("v", "/", 0, "x"),),
)
NUMBERS = {
    "left": (("a", "+", 2.5, "x"), ("b", "-", 0.75, "y"), ("c", "*", 3, "z"), ("d", "/", 1.5, "p")),
    "right": (("a", "+", "x", 2.5), ("b", "-", "y", 0.75), ("c", "*", "z", 3), ("d", "/", "p", 1.5)),
}
TOTAL = (("e", "+", "a", "b"), ("f", "+", "c", "d"), ("g", "+", "e", "f"))
EVERYTHING = (
    ("a", "*", "x", "y"),
    ("b", "/", "a", "p"),
    ("c", "tanh", "b"),
    ("d", "-", "c", "z"),
    ("e", "**", "d", 2),
    ("f", "+", "e", "q"),
    ("g", "log", "f"),
    ("h", "neg", "g"),
    ("i", "exp", "h"),
    ("j", "relu", "i"),
    ("k", "*", "j", 3),
)


@pytest.fixture
def inputs(numbers):
    """Of any sign but p, which is positive, and n, which is negative."""

    def draw(program):
        used = {operand for _, _, *operands in program for operand in operands} & {"x", "y", "z", "p", "q", "n"}
        values = numbers(*sorted(used & {"x", "y", "z"})) | numbers(*sorted(used & {"p", "q"}), positive=True)
        return values | ({"n": -numbers("n", positive=True)["n"]} if "n" in used else {})

    return draw


@part("nodes")
@weight(0.5)
@pytest.mark.parametrize("case", PROGRAMS)
def test_value(judge_value, inputs, case):
    """An operation on nodes gives a node with the right number."""
    values = inputs(PROGRAMS[case])
    judge_value(PROGRAMS[case], values)
    for factor in FAR:
        judge_value(PROGRAMS[case], _times(factor, values))
    for program in MORE.get(case, ()):
        judge_value(program, inputs(program))


@part("nodes")
@weight(0.75)
@pytest.mark.parametrize("case", PROGRAMS)
def test_derivative(judge_gradient, inputs, case):
    """An operation passes the gradient that reaches it on to its inputs, times its own derivatives."""
    program = (*PROGRAMS[case], ("f", "*", "v", "z"))
    values = inputs(program)
    if case == "relu":
        values["z"] = -abs(values["z"])  # a positive one does not tell who looks at its sign from who looks at none
    judge_gradient(program, values, *(name for name in values if name != "z"))
    for factor in FAR:
        judge_gradient(program, _times(factor, values), *(name for name in values if name != "z"))
    for other in MORE.get(case, ()):
        program = (*other, ("f", "*", "v", "z"))
        judge_gradient(program, inputs(program), other[0][2])


def _times(factor, values):
    return {name: factor * value for name, value in values.items()}


@part("nodes")
@weight(0.875)
@pytest.mark.parametrize("side", NUMBERS)
def test_plain_numbers(judge_value, judge_gradient, inputs, side):
    """Nodes can be added to, subtracted from, multiplied with and divided by plain numbers, on either side."""
    program = (*NUMBERS[side], *TOTAL)
    values = inputs(program)
    for line in reversed(NUMBERS[side]):  # one by one, so that a missing method is told from several
        (name,) = set(line[2:]) & set(values)
        judge_value((line,), {name: values[name]})
    judge_value(program, values)
    judge_gradient(program, values)


@part("nodes")
@weight(1)
def test_circuit(student, numbers, same_numbers):
    """data and grad of every node of f = (x + y) z are right after f.backward()."""
    at = numbers("x", "y", "z", times=50.0)
    x, y, z = (student.Value(at[name]) for name in "xyz")
    q = an_object(x + y, "x + y")
    f = an_object(q * z, "q * z")
    total = at["x"] + at["y"]
    same_numbers(x_data=(x.data, at["x"]), q_data=(q.data, total), f_data=(f.data, total * at["z"]))
    f.backward()
    same_numbers(f_grad=(f.grad, 1.0), q_grad=(q.grad, at["z"]), z_grad=(z.grad, total))
    same_numbers(x_grad=(x.grad, at["z"]), y_grad=(y.grad, at["z"]))
    same_numbers(x_data=(x.data, at["x"]), q_data=(q.data, total), f_data=(f.data, total * at["z"]))


@part("nodes")
@weight(0.75)
@visibility("after_due_date")
def test_everything(judge_value, judge_gradient, inputs):
    """A formula with every operation in it has the right value and the right gradient."""
    values = inputs(EVERYTHING)
    judge_value(EVERYTHING, values)
    judge_gradient(EVERYTHING, values)


@part("nodes")
@weight(0.5)
@visibility("after_due_date")
def test_zero(judge_value, judge_gradient, numbers):
    """0 is a number like others: operations and their derivatives are right at 0, and with a plain 0."""
    values = numbers("w", "x") | {"z": 0.0, "z_too": 0.0}
    for i, program in enumerate(AT_ZERO):
        used = {name: values[name] for name in values if name in program[0][2:]}
        judge_value(program, used)
        after = ("f", "*", "v", "w"), ("g", "+", "f", i + 1)  # no two results are alike
        judge_gradient((*program, *after), used | {"w": values["w"]}, *used)


@part("nodes")
@weight(0.25)
@visibility("after_due_date")
def test_relu_at_zero(judge_gradient, inputs):
    """The derivative of relu is 0 at 0 and below, and 1 above."""
    nodes = (("a", "relu", "x"), ("b", "relu", "n"), ("c", "relu", "q"))
    program = (*nodes, ("d", "+", "a", "b"), ("v", "+", "c", "d"), ("f", "*", "v", "p"))
    judge_gradient(program, inputs(program) | {"x": 0.0}, "x", "n", "q")
