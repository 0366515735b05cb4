"""Public checks: numbers small enough to follow with a pencil. Run `pytest` in the homework's folder.

The circuits are the lecture's: f = x y at (4, −3), and f = (x + y) z at (−2, 5, −4). Grading uses other and harder
inputs, so passing here is a start: compare with numerical gradients and with torch too (README.md shows how).
"""

import backprop
import digits
import pytest
import torch
from backprop import Value


def tensor(values, *shape):
    """A float64 tensor of the given shape, by default one row."""
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


def check_number(answer, expected, what):
    """Fail with a sentence unless the number is right."""
    if not isinstance(answer, int | float) or abs(answer - expected) > 1e-9:
        pytest.fail(f"{what} should be {expected}, but is {answer!r}.", pytrace=False)


# ------------------------------------------------------------------------------------------------------------ graphs


def test_circuit_of_a_product():
    """f = x y at (4, −3) is −12, and its gradient is (−3, 4)."""
    x, y = Value(4), Value(-3)
    f = x * y
    f.backward()
    for found, expected, what in ((f.data, -12, "f"), (x.grad, -3, "df/dx"), (y.grad, 4, "df/dy")):
        check_number(found, expected, what)


def test_circuit_of_a_sum_and_a_product():
    """f = (x + y) z at (−2, 5, −4) is −12; q = x + y is 3, and the gradient is (−4, −4, 3)."""
    x, y, z = Value(-2), Value(5), Value(-4)
    q = x + y
    f = q * z
    f.backward()
    check_number(q.data, 3, "q")
    check_number(f.data, -12, "f")
    for node, expected, name in ((f, 1, "f"), (q, -4, "q"), (x, -4, "x"), (y, -4, "y"), (z, 3, "z")):
        check_number(node.grad, expected, f"df/d{name}")


def test_the_same_circuit_as_a_program():
    """evaluate, which is written for you, runs it on your nodes."""
    value, gradient = backprop.evaluate([("q", "+", "x", "y"), ("f", "*", "q", "z")], {"x": -2, "y": 5, "z": -4})
    assert (value, gradient) == (-12, {"x": -4, "y": -4, "z": 3})


@pytest.mark.parametrize(
    ("line", "value", "slope"),
    [
        (("f", "-", "x", 3), -1, 1),
        (("f", "-", 3, "x"), 1, -1),
        (("f", "/", "x", 4), 0.5, 0.25),
        (("f", "/", 1, "x"), 0.5, -0.25),
        (("f", "neg", "x"), -2, -1),
        (("f", "**", "x", 3), 8, 12),
        (("f", "exp", "x"), 7.38905609893065, 7.38905609893065),
        (("f", "log", "x"), 0.6931471805599453, 0.5),
        (("f", "tanh", "x"), 0.9640275800758169, 0.07065082485316443),
        (("f", "relu", "x"), 2, 1),
    ],
    ids=["x - 3", "3 - x", "x / 4", "1 / x", "-x", "x ** 3", "exp", "log", "tanh", "relu"],
)
def test_operation(line, value, slope):
    """The other operations at x = 2."""
    found, gradient = backprop.evaluate([line], {"x": 2.0})
    check_number(found, value, "f")
    check_number(gradient["x"], slope, "df/dx")


def test_node_that_is_used_twice():
    """f = x x + x is 12 at x = 3, and its derivative is 2 x + 1 = 7."""
    x = Value(3)
    f = x * x + x
    f.backward()
    check_number(f.data, 12, "f")
    check_number(x.grad, 7, "df/dx")
    f.backward()
    check_number(x.grad, 7, "df/dx after a second backward()")


def test_topological_order():
    """x and y, in any order, come before q, and q before f = q + x."""
    x, y = Value(1), Value(2)
    q = x + y
    f = q + x
    order = backprop.topological_order(f)
    assert len(order) == 4
    assert set(order[:2]) == {x, y}
    assert order[2:] == [q, f]


# --------------------------------------------------------------------------------------------------------- checking


def test_numerical_gradient():
    """(a · x)³ + b · x with a = (1, 2), b = (5, 0), x = (1, 0): ∇f = 3 (a · x)² a + b, and h² a³ on top."""
    f = backprop.cubic(tensor([1, 2]), tensor([5, 0]))
    check(backprop.numerical_gradient(f, tensor([1, 0])), tensor([8, 6]), "The gradient")
    check(backprop.numerical_gradient(f, tensor([1, 0]), h=0.5), tensor([8.25, 8]), "The gradient with h = 0.5")


def test_gradients_agree():
    """Only relative errors count, element by element."""
    gradient = tensor([1000, -2, 1e-5])
    assert backprop.gradients_agree(gradient, gradient * (1 + 1e-9)) is True
    assert backprop.gradients_agree(gradient, gradient * 1.01) is False
    assert backprop.gradients_agree(gradient, tensor([1000, -2, 2e-5])) is False
    assert backprop.gradients_agree(gradient, gradient.reshape(3, 1)) is False


# ----------------------------------------------------------------------------------------------------------- layers

X = tensor([1, 2, 0, -1, 3, 1], 3, 2)
W = tensor([1, 0, 2, -1, 1, 0], 2, 3)
DOUT = tensor([1, 0, 0, 0, 2, 0, 0, 0, 3], 3, 3)


def test_affine():
    """Three rows of two numbers become three rows of three."""
    y = backprop.affine_forward(X, W, tensor([10, 20, 30]))
    check(y, tensor([9, 22, 32, 11, 19, 30, 12, 21, 36], 3, 3), "y")
    dx, dw, db = backprop.affine_backward(DOUT, X, W)
    check(dx, tensor([1, -1, 0, 2, 6, 0], 3, 2), "dx")
    check(dw, tensor([1, 0, 9, 2, -2, 3], 2, 3), "dw")
    check(db, tensor([1, 2, 3]), "db")


def test_relu():
    """What is negative is cut off, forwards and backwards; at 0 nothing passes."""
    x = tensor([-1, 0, 2, 3])
    check(backprop.relu_forward(x), tensor([0, 0, 2, 3]), "The output")
    check(backprop.relu_backward(tensor([5, 6, -7, 8]), x), tensor([0, 0, -7, 8]), "The gradient")


def test_softmax_cross_entropy():
    """Scores log 1, log 2, log 5 are the probabilities 1/8, 2/8, 5/8; adding 1,000 to a row changes nothing."""
    scores = tensor([1, 2, 5], 1, 3).log().repeat(2, 1) + tensor([0, 1000], 2, 1)
    loss, dscores = backprop.softmax_cross_entropy(scores, torch.tensor([0, 2]))
    check(loss, tensor([12.8]).log().reshape(()) / 2, "The loss")  # the mean of log 8 and log 8/5
    check(dscores, tensor([-7, 2, 5, 1, 2, -3], 2, 3) / 16, "dscores")


def test_mlp_gradients():
    """One hidden unit of two is cut off; the scores are equal, so both classes have the probability 1/2."""
    params = {"W1": tensor([1, -1], 1, 2), "b1": tensor([0, 0]), "W2": tensor([1, 0, 5, 1], 2, 2), "b2": tensor([0, 3])}
    loss, grads = backprop.mlp_gradients(tensor([3], 1, 1), torch.tensor([1]), params)
    check(loss, tensor([2]).log().reshape(()), "The loss")
    check(grads["W2"], tensor([1.5, -1.5, 0, 0], 2, 2), "The gradient of W2")
    check(grads["b2"], tensor([0.5, -0.5]), "The gradient of b2")
    check(grads["W1"], tensor([1.5, 0], 1, 2), "The gradient of W1")
    check(grads["b1"], tensor([0.5, 0]), "The gradient of b1")


def test_sgd_momentum_step():
    """v = 0.5 · 4 + 1 = 3, w = 10 − 0.1 · 3 = 9.7; then, with a tenth of the rate, v = 2.5 and w = 9.675."""
    grads = {"w": tensor([1])}
    params, velocity = backprop.sgd_momentum_step({"w": tensor([10])}, grads, {"w": tensor([4])}, 0.1, momentum=0.5)
    check(velocity["w"], tensor([3]), "The velocity")
    check(params["w"], tensor([9.7]), "The parameter")
    params, velocity = backprop.sgd_momentum_step(params, grads, velocity, 0.01, momentum=0.5)
    check(velocity["w"], tensor([2.5]), "The velocity after the second step")
    check(params["w"], tensor([9.675]), "The parameter after the second step")


def test_weight_decay():
    """v = 0.5 · 4 + 1 + 0.2 · 10 = 5, w = 10 − 0.1 · 5 = 9.5."""
    state = {"w": tensor([10])}, {"w": tensor([1])}, {"w": tensor([4])}
    params, velocity = backprop.sgd_momentum_step(*state, 0.1, momentum=0.5, weight_decay=0.2)
    check(velocity["w"], tensor([5]), "The velocity")
    check(params["w"], tensor([9.5]), "The parameter")


def reads(scores, truth, share, what):
    """Fail unless a trained network reads at least this share of images that it has not seen."""
    right = float((scores.argmax(1) == truth).float().mean())
    if right < share:
        pytest.fail(f"{what} recognises {right:.0%} of the images; it should be {share:.0%} at least.", pytrace=False)


def test_training():
    """Both classifiers, trained on 1,000 digits, read more than half of 297 others. (Grading asks for more.)"""
    images, labels, others, truth = digits.load()
    for name in ("linear", "mlp"):
        params = getattr(backprop, f"train_{name}")(images, labels, 4, 1)
        reads(getattr(backprop, f"{name}_scores")(others, params), truth, 0.5, f"What train_{name} returns")
