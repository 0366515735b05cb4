"""Backpropagation from scratch: the model answer.

A node keeps its inputs and, beside each, the slope of the operation that made it: the derivative of the node with
respect to that input. Slopes are plain numbers, known as soon as the node is. Going backwards is then the same for all
operations: multiply by the slope, and add up, for a node's gradient is the sum over all that use it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

# ----------------------------------------------------------------------------------------------- a computational graph


class Value:
    """A number, the nodes that it was computed from, and its slope with respect to each of them."""

    def __init__(self, data: float, inputs: tuple[Value, ...] = (), slopes: tuple[float, ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.inputs = inputs
        self.slopes = slopes

    def __add__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    __radd__ = __add__

    def __mul__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    __rmul__ = __mul__

    def __sub__(self, other: Value | float) -> Value:
        other = _node(other)
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __truediv__(self, other: Value | float) -> Value:
        other = _node(other)
        quotient = self.data / other.data
        return Value(quotient, (self, other), (1 / other.data, -quotient / other.data))

    def __rsub__(self, other: float) -> Value:
        return _node(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _node(other) / self

    def __neg__(self) -> Value:
        return Value(-self.data, (self,), (-1.0,))

    def __pow__(self, exponent: float) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> Value:
        """Its own derivative."""
        power = math.exp(self.data)
        return Value(power, (self,), (power,))

    def log(self) -> Value:
        """1/x is the slope of ln x."""
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def tanh(self) -> Value:
        """1 − tanh² is the slope of tanh."""
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t * t,))

    def relu(self) -> Value:
        """0 or 1 is the slope of max(0, x); at 0 we say 0."""
        return Value(max(self.data, 0.0), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        """A node passes its gradient on only when all that use it have added to it: outputs before inputs."""
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.grad += slope * node.grad


def _node(value: Value | float) -> Value:
    return value if isinstance(value, Value) else Value(value)


def topological_order(v: Value) -> list[Value]:
    """Depth first with a stack of our own, for Python's is a thousand calls deep.

    A node is met twice: then its inputs are put above it on the stack, and when it shows again they are done.
    """
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(v, False)]
    while stack:
        node, inputs_are_done = stack.pop()
        if inputs_are_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(source, False) for source in node.inputs]
    return order


ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}


def evaluate(program: Sequence[Sequence[str | float]], inputs: Mapping[str, float]) -> tuple[float, dict[str, float]]:
    """Students get it ready-made: the nodes of a program by their names, line by line."""
    named = {name: Value(number) for name, number in inputs.items()}
    leaves = dict(named)
    for name, what, first, *second in program:
        first, *second = (named[each] if isinstance(each, str) else each for each in (first, *second))
        if what in ARITHMETIC:
            named[name] = ARITHMETIC[what](first, *second)
        else:
            named[name] = -first if what == "neg" else getattr(first, what)()
    named[name].backward()
    return named[name].data, {each: leaf.grad for each, leaf in leaves.items()}


# -------------------------------------------------------------------------------------------------- checking gradients


def cubic(a: Tensor, b: Tensor) -> Callable[[Tensor], Tensor]:
    """Students get it ready-made too."""

    def f(x: Tensor) -> Tensor:
        return (a * x).sum() ** 3 + (b * x).sum()

    return f


def numerical_gradient(f: Callable[[Tensor], Tensor], x: Tensor, h: float = 1e-5) -> Tensor:
    """Central differences: their error falls with h², that of one-sided ones with h."""
    gradient = torch.zeros_like(x)
    for i in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=x.dtype)
        step[i] = h
        step = step.reshape(x.shape)
        gradient.view(-1)[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def gradients_agree(analytic: Tensor, numeric: Tensor, tolerance: float = 1e-6) -> bool:
    """≤ makes two zeros equal, and whatever is compared with NaN is not."""
    if analytic.shape != numeric.shape:
        return False
    size = torch.maximum(analytic.abs(), numeric.abs())
    return bool(((analytic - numeric).abs() <= tolerance * size).all())


# -------------------------------------------------------------------------------------------------------------- layers


def affine_forward(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """y = x w + b."""
    return x @ w + b


def affine_backward(dout: Tensor, x: Tensor, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where x or w was a factor, the other one is, turned so that the shapes fit; b was added to every row."""
    return dout @ w.T, x.T @ dout, dout.sum(0)


def relu_forward(x: Tensor) -> Tensor:
    """max(0, x)."""
    return x.clamp(min=0)


def relu_backward(dout: Tensor, x: Tensor) -> Tensor:
    """What came through forwards comes through backwards."""
    return dout * (x > 0)


def softmax_cross_entropy(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """log p = s − max − log Σ exp(s − max), in which nothing overflows and no log sees a 0; ∂L/∂s = (p − onehot)/N."""
    shifted = scores - scores.amax(1, keepdim=True)
    log_p = shifted - shifted.exp().sum(1, keepdim=True).log()
    rows = torch.arange(len(labels))
    dscores = log_p.exp()
    dscores[rows, labels] -= 1
    return -log_p[rows, labels].mean(), dscores / len(labels)


def mlp_gradients(x: Tensor, labels: Tensor, params: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """Forwards we keep what each layer was given, for backwards it is asked for."""
    before = affine_forward(x, params["W1"], params["b1"])
    hidden = relu_forward(before)
    loss, dscores = softmax_cross_entropy(affine_forward(hidden, params["W2"], params["b2"]), labels)
    dhidden, dw2, db2 = affine_backward(dscores, hidden, params["W2"])
    _, dw1, db1 = affine_backward(relu_backward(dhidden, before), x, params["W1"])
    return loss, {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}


# ---------------------------------------------------------------------------------------------------- gradient descent


def sgd_momentum_step(
    params: dict[str, Tensor],
    grads: dict[str, Tensor],
    velocity: dict[str, Tensor],
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The velocity collects gradients; the learning rate stays outside, so that a new one acts at once."""
    velocity = {name: momentum * velocity[name] + grads[name] + weight_decay * w for name, w in params.items()}
    return {name: w - lr * velocity[name] for name, w in params.items()}, velocity


# ------------------------------------------------------------------------------------------------------------ training


def _flat(images: Tensor) -> Tensor:
    """Images as rows of numbers around 0."""
    return (images.flatten(1) - 0.3) / 0.38


def _descend(params: dict[str, Tensor], gradients: Callable, data: tuple[Tensor, Tensor], epochs: int, draw) -> dict:
    """Steps along the gradients of batches in a new order in each epoch; they shrink to nothing towards the end."""
    x, labels = data
    velocity = {name: torch.zeros_like(w) for name, w in params.items()}
    steps, step = epochs * -(-len(x) // 32), 0
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(x), generator=draw).split(32):
            loss, grads = gradients(x[rows], labels[rows], params)
            params, velocity = sgd_momentum_step(params, grads, velocity, 0.05 * (1 - step / steps))
            total += float(loss) * len(rows)
            step += 1
        print(f"epoch {epoch + 1}: loss {total / len(x):.4f}")
    return params


def _linear_gradients(x: Tensor, labels: Tensor, params: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    loss, dscores = softmax_cross_entropy(affine_forward(x, params["W"], params["b"]), labels)
    _, dw, db = affine_backward(dscores, x, params["W"])
    return loss, {"W": dw, "b": db}


def train_linear(images: Tensor, labels: Tensor, epochs: int, seed: int) -> dict[str, Tensor]:
    """One affine layer; a convex problem, so that it may start anywhere, at 0 too."""
    params = {"W": torch.zeros(64, 10), "b": torch.zeros(10)}
    draw = torch.Generator().manual_seed(seed)
    return _descend(params, _linear_gradients, (_flat(images), labels), epochs, draw)


def linear_scores(images: Tensor, params: dict[str, Tensor]) -> Tensor:
    """x W + b."""
    return affine_forward(_flat(images), params["W"], params["b"])


def train_mlp(images: Tensor, labels: Tensor, epochs: int, seed: int) -> dict[str, Tensor]:
    """64 hidden units. Random weights, for equal ones would stay equal, of a spread that ReLUs keep."""
    draw = torch.Generator().manual_seed(seed)
    w1, w2 = torch.randn(64, 64, generator=draw), torch.randn(64, 10, generator=draw)
    params = {"W1": w1 * (2 / 64) ** 0.5, "b1": torch.zeros(64), "W2": w2 * (1 / 64) ** 0.5, "b2": torch.zeros(10)}
    return _descend(params, mlp_gradients, (_flat(images), labels), epochs, draw)


def mlp_scores(images: Tensor, params: dict[str, Tensor]) -> Tensor:
    """Affine, ReLU, affine."""
    hidden = relu_forward(affine_forward(_flat(images), params["W1"], params["b1"]))
    return affine_forward(hidden, params["W2"], params["b2"])
