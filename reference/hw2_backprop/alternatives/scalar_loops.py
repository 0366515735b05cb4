"""Loops over Python's own numbers wherever the others use tensors; a node keeps a list of its inputs and slopes."""

import math
import random

import torch


class Value:
    def __init__(self, data):
        self.data = float(data)
        self.grad = 0.0
        self.edges = []  # [input, slope]

    def linked(self, source, slope):
        self.edges.append([source, slope])
        return self

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data).linked(self, 1.0).linked(other, 1.0)

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data).linked(self, other.data).linked(other, self.data)

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return Value(-self.data).linked(self, -1.0)

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data - other.data).linked(self, 1.0).linked(other, -1.0)

    def __rsub__(self, other):
        return Value(other) - self

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        slope = -self.data / (other.data * other.data)
        return Value(self.data / other.data).linked(self, 1.0 / other.data).linked(other, slope)

    def __rtruediv__(self, other):
        return Value(other) / self

    def __pow__(self, exponent):
        return Value(self.data**exponent).linked(self, exponent * self.data ** (exponent - 1))

    def exp(self):
        return Value(math.exp(self.data)).linked(self, math.exp(self.data))

    def log(self):
        return Value(math.log(self.data)).linked(self, 1.0 / self.data)

    def tanh(self):
        return Value(math.tanh(self.data)).linked(self, 1.0 - math.tanh(self.data) ** 2)

    def relu(self):
        return Value(self.data if self.data > 0 else 0.0).linked(self, 1.0 if self.data > 0 else 0.0)

    def backward(self):
        order = topological_order(self)
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        while order:
            node = order.pop()
            for source, slope in node.edges:
                source.grad += node.grad * slope


def topological_order(v):
    """An input that is not done is visited first; a path is a list of (node, how many of its inputs were visited)."""
    order, done, path = [], set(), [(v, 0)]
    while path:
        node, visited = path.pop()
        if visited < len(node.edges):
            path.append((node, visited + 1))
            source = node.edges[visited][0]
            if id(source) not in done:
                path.append((source, 0))
        elif id(node) not in done:
            done.add(id(node))
            order.append(node)
    return order


def evaluate(program, inputs):
    nodes = {}
    for name, number in inputs.items():
        nodes[name] = Value(number)
    leaves = dict(nodes)
    for name, what, *given in program:
        given = [nodes[one] if isinstance(one, str) else one for one in given]
        if what == "+":
            nodes[name] = given[0] + given[1]
        elif what == "-":
            nodes[name] = given[0] - given[1]
        elif what == "*":
            nodes[name] = given[0] * given[1]
        elif what == "/":
            nodes[name] = given[0] / given[1]
        elif what == "**":
            nodes[name] = given[0] ** given[1]
        elif what == "neg":
            nodes[name] = -given[0]
        else:
            nodes[name] = getattr(given[0], what)()
    nodes[name].backward()
    return nodes[name].data, {each: leaf.grad for each, leaf in leaves.items()}


def cubic(a, b):
    def f(x):
        first = second = 0.0
        for k in range(x.numel()):
            first += a.reshape(-1)[k] * x.reshape(-1)[k]
            second += b.reshape(-1)[k] * x.reshape(-1)[k]
        return first**3 + second

    return f


def numerical_gradient(f, x, h=1e-5):
    slopes = []
    for k in range(x.numel()):
        values = []
        for sign in (1, -1):
            moved = x.clone().reshape(-1)
            moved[k] += sign * h
            values.append(float(f(moved.reshape(x.shape))))
        slopes.append((values[0] - values[1]) / (2 * h))
    return torch.tensor(slopes, dtype=x.dtype).reshape(x.shape)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if list(analytic.shape) != list(numeric.shape):
        return False
    for a, n in zip(analytic.flatten().tolist(), numeric.flatten().tolist(), strict=True):
        if not abs(a - n) <= tolerance * max(abs(a), abs(n)):
            return False
    return True


def affine_forward(x, w, b):
    rows, weights, biases = x.tolist(), w.tolist(), b.tolist()
    y = []
    for row in rows:
        sums = list(biases)
        for value, factors in zip(row, weights, strict=True):
            for m in range(len(sums)):
                sums[m] += value * factors[m]
        y.append(sums)
    return torch.tensor(y, dtype=x.dtype)


def affine_backward(dout, x, w):
    sent, rows, weights = dout.tolist(), x.tolist(), w.tolist()
    dx = [[0.0] * len(weights) for _ in rows]
    dw = [[0.0] * len(factors) for factors in weights]
    db = [0.0] * w.shape[1]
    for n in range(len(rows)):
        for m in range(len(db)):
            db[m] += sent[n][m]
            for d in range(len(weights)):
                dx[n][d] += sent[n][m] * weights[d][m]
                dw[d][m] += sent[n][m] * rows[n][d]
    return tuple(torch.tensor(values, dtype=dout.dtype) for values in (dx, dw, db))


def relu_forward(x):
    return torch.tensor([v if v > 0 else 0.0 for v in x.flatten().tolist()], dtype=x.dtype).reshape(x.shape)


def relu_backward(dout, x):
    passed = [d if v > 0 else 0.0 for d, v in zip(dout.flatten().tolist(), x.flatten().tolist(), strict=True)]
    return torch.tensor(passed, dtype=dout.dtype).reshape(x.shape)


def softmax_cross_entropy(scores, labels):
    rows, loss, dscores = scores.tolist(), 0.0, []
    for row, label in zip(rows, labels.tolist(), strict=True):
        largest, total = max(row), 0.0
        for score in row:
            total += math.exp(score - largest)
        loss += math.log(total) - (row[label] - largest)
        shares = [math.exp(score - largest) / total for score in row]
        shares[label] -= 1
        dscores.append([share / len(rows) for share in shares])
    return torch.tensor(loss / len(rows), dtype=scores.dtype), torch.tensor(dscores, dtype=scores.dtype)


def mlp_gradients(x, labels, params):
    summed = affine_forward(x, params["W1"], params["b1"])
    hidden = relu_forward(summed)
    loss, d = softmax_cross_entropy(affine_forward(hidden, params["W2"], params["b2"]), labels)
    d, dw2, db2 = affine_backward(d, hidden, params["W2"])
    _, dw1, db1 = affine_backward(relu_backward(d, summed), x, params["W1"])
    return loss, {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name in params:
        w, v = [], []
        numbers = (params[name], grads[name], velocity[name])
        for p, g, old in zip(*(each.flatten().tolist() for each in numbers), strict=True):
            v.append(momentum * old + g + weight_decay * p)
            w.append(p - lr * v[-1])
        like = params[name]
        new_params[name] = torch.tensor(w, dtype=like.dtype).reshape(like.shape)
        new_velocity[name] = torch.tensor(v, dtype=like.dtype).reshape(like.shape)
    return new_params, new_velocity


def rows_of(images):
    return (images.flatten(1) - 0.3) / 0.4


def descended(x, labels, params, gradients, epochs, rate):
    velocity = {name: torch.zeros_like(p) for name, p in params.items()}
    steps, step = epochs * ((len(x) + 31) // 32), 0
    for epoch in range(epochs):
        order, total = random.sample(range(len(x)), len(x)), 0.0
        for begin in range(0, len(x), 32):
            some = order[begin : begin + 32]
            loss, grads = gradients(x[some], labels[some], params)
            params, velocity = sgd_momentum_step(params, grads, velocity, rate * (1 - step / steps))
            total += float(loss) * len(some)
            step += 1
        print("epoch", epoch + 1, "loss", round(total / len(x), 4))
    return params


def train_linear(images, labels, epochs, seed):
    random.seed(seed)

    def gradients(x, y, params):
        loss, d = softmax_cross_entropy(affine_forward(x, params["W"], params["b"]), y)
        _, dw, db = affine_backward(d, x, params["W"])
        return loss, {"W": dw, "b": db}

    params = {"W": torch.zeros(64, 10), "b": torch.zeros(10)}
    return descended(rows_of(images), labels, params, gradients, epochs, 0.05)


def linear_scores(images, params):
    return affine_forward(rows_of(images), params["W"], params["b"])


def train_mlp(images, labels, epochs, seed):
    """48 hidden units: loops take some ten seconds for them."""
    random.seed(seed)
    torch.manual_seed(seed)
    params = {"W1": 0.18 * torch.randn(64, 48), "b1": torch.zeros(48), "W2": 0.14 * torch.randn(48, 10)}
    params["b2"] = torch.zeros(10)
    return descended(rows_of(images), labels, params, mlp_gradients, epochs, 0.05)


def mlp_scores(images, params):
    hidden = relu_forward(affine_forward(rows_of(images), params["W1"], params["b1"]))
    return affine_forward(hidden, params["W2"], params["b2"])
