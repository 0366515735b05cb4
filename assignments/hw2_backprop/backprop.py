"""Homework 2: backpropagation from scratch.

Write the class and every function marked below; keep the names and arguments as they are. README.md has the mathematics
and the conventions. `pytest` in this folder checks your work against numbers that a pencil can follow.

Parts 1 and 2 are about plain numbers and need no torch. From part 3 on everything is a torch tensor; what you return
has the dtype of what you were given (float32 or float64), and no function may change its arguments. torch's autograd
refuses to run when your work is graded, and so do softmax and cross-entropy; README.md has the list.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

import torch

Tensor = torch.Tensor


# ----------------------------------------------------------------------------------------------- a computational graph


class Value:
    """A number that remembers what it was computed from: a node of a computational graph.

    data: the number, a float.
    grad: the derivative of the last node that ran backward() with respect to this one, a float; 0.0 at first.

    The operators + − * / and unary − take nodes, and plain numbers on either side (2 * v, 1 - v, 1 / v). `v ** n` takes
    a plain number n. Each makes a new node and leaves those that it was made from as they were.
    """

    def __init__(self, data: float) -> None:
        raise NotImplementedError("Value is yours to write; its operators are missing too")

    def exp(self) -> Value:
        """e to the power of this node."""
        raise NotImplementedError("Value.exp is yours to write")

    def log(self) -> Value:
        """The natural logarithm of this node, which is positive."""
        raise NotImplementedError("Value.log is yours to write")

    def tanh(self) -> Value:
        """The hyperbolic tangent of this node."""
        raise NotImplementedError("Value.tanh is yours to write")

    def relu(self) -> Value:
        """max(0, this node). Its derivative at 0 is 0."""
        raise NotImplementedError("Value.relu is yours to write")

    def backward(self) -> None:
        """Set `grad` of this node and of all that it was computed from: to its own derivative with respect to them.

        Sets, and does not add to what was there: a second backward() gives the same gradients again.
        """
        raise NotImplementedError("Value.backward is yours to write")


def topological_order(v: Value) -> list[Value]:
    """v and all nodes that it was computed from, each once, every node after its own inputs: v is the last.

    Works for graphs thousands of nodes deep.
    """
    raise NotImplementedError("topological_order is yours to write")


# These are written for you. Leave them as they are: grading runs your Value by way of `evaluate`.

OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "exp": lambda v: v.exp(),
    "log": lambda v: v.log(),
    "tanh": lambda v: v.tanh(),
    "relu": lambda v: v.relu(),
}


def evaluate(program: Sequence[Sequence[str | float]], inputs: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    """Run a program on nodes and differentiate its last line: the line's value, and its gradient for each input.

    A line is (name, operation, operand, …); an operand is the name of an input or of an earlier line, or a number.
    f = (x + y) z is [("q", "+", "x", "y"), ("f", "*", "q", "z")].
    """
    nodes = {name: Value(data) for name, data in inputs.items()}
    for name, operation, *operands in program:
        nodes[name] = OPERATIONS[operation](*[nodes.get(operand, operand) for operand in operands])
    result = nodes[program[-1][0]]
    result.backward()
    return result.data, {name: nodes[name].grad for name in inputs}


# -------------------------------------------------------------------------------------------------- checking gradients


def cubic(a: Tensor, b: Tensor) -> Callable[[Tensor], Tensor]:
    """Written for you: the function f(x) = (a · x)³ + b · x of a tensor x of the shape of a and b, to practise on."""
    return lambda x: (a * x).sum() ** 3 + (b * x).sum()


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, h: float = 1e-5) -> Tensor:
    """The gradient of f at x by central differences: (f(x + h e) − f(x − h e)) / 2h for each element's own e.

    x is float64, of any shape; f takes a tensor of that shape to a number (a tensor without axes) → the shape of x.
    """
    raise NotImplementedError("numerical_gradient is yours to write")


def gradients_agree(analytic: Tensor, numeric: Tensor, tolerance: float = 1e-6) -> bool:
    """Whether two gradients are the same up to a relative error of `tolerance`, element by element.

    True if their shapes are the same and |a − n| ≤ tolerance · max(|a|, |n|) holds for all of their elements; False in
    all other cases, also where something is NaN. Never raises because of what is in the tensors. Returns a bool.
    """
    raise NotImplementedError("gradients_agree is yours to write")


# -------------------------------------------------------------------------------------------------------------- layers


def affine_forward(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """A fully connected layer, x w + b. x (N, D), w (D, M), b (M,) → (N, M)."""
    raise NotImplementedError("affine_forward is yours to write")


def affine_backward(dout: Tensor, x: Tensor, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients for x, w and b, given that for the output. dout (N, M) → dx (N, D), dw (D, M), db (M,)."""
    raise NotImplementedError("affine_backward is yours to write")


def relu_forward(x: Tensor) -> Tensor:
    """max(0, x), element by element, for x of any shape."""
    raise NotImplementedError("relu_forward is yours to write")


def relu_backward(dout: Tensor, x: Tensor) -> Tensor:
    """The gradient for x, the layer's input, given that for its output: of the same shape. At x = 0 it is 0."""
    raise NotImplementedError("relu_backward is yours to write")


def softmax_cross_entropy(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy of a batch, and its gradient with respect to the scores.

    scores (N, C), any numbers, also of size 1,000; labels (N,), int64, in 0 … C − 1
    → loss (), a tensor without axes and of the scores' dtype; dscores (N, C).
    """
    raise NotImplementedError("softmax_cross_entropy is yours to write")


def mlp_gradients(x: Tensor, labels: Tensor, params: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Loss and gradients of a network of two layers: affine, ReLU, affine, then softmax cross-entropy.

    x (N, D), labels (N,), params {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}
    → loss (), grads: a dictionary with the names and shapes of params.
    """
    raise NotImplementedError("mlp_gradients is yours to write")


# ---------------------------------------------------------------------------------------------------- gradient descent


def sgd_momentum_step(
    params: dict[str, Tensor],
    grads: dict[str, Tensor],
    velocity: dict[str, Tensor],
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """One step of gradient descent with momentum, for each parameter w with its gradient g and its velocity v:

        v ← momentum · v + g + weight_decay · w
        w ← w − lr · v            (with the new v)

    The three dictionaries have the same names, in any order. Returns (params, velocity): new dictionaries of new
    tensors.
    """
    raise NotImplementedError("sgd_momentum_step is yours to write")


# ------------------------------------------------------------------------------------------------------------ training


def train_linear(images: Tensor, labels: Tensor, epochs: int, seed: int) -> dict[str, Tensor]:
    """Train one affine layer with your own gradients, and return what linear_scores needs.

    images (N, 1, 8, 8), float32 from 0 to 1; labels (N,), int64 from 0 to 9; epochs: passes over the data that the
    reference makes; seed: of your random numbers. What you print is drawn as a learning curve: "epoch 3: loss 0.41".
    """
    raise NotImplementedError("train_linear is yours to write")


def linear_scores(images: Tensor, params: dict[str, Tensor]) -> Tensor:
    """Scores (N, 10), float32, of images (N, 1, 8, 8) that the classifier has not seen."""
    raise NotImplementedError("linear_scores is yours to write")


def train_mlp(images: Tensor, labels: Tensor, epochs: int, seed: int) -> dict[str, Tensor]:
    """As train_linear, for a network of two layers."""
    raise NotImplementedError("train_mlp is yours to write")


def mlp_scores(images: Tensor, params: dict[str, Tensor]) -> Tensor:
    """As linear_scores, for a network of two layers."""
    raise NotImplementedError("mlp_scores is yours to write")
