"""A tape: nodes are numbered as they are made, so going backwards is counting down. Tensors element by element."""

import itertools
import math
import operator

import torch

COUNTER = itertools.count()
NAMES = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "**": "pow"}


class Value:
    def __init__(self, data, **sources):
        self.number = next(COUNTER)
        self.data = data + 0.0
        self.grad = 0.0
        self.sources = sources

    def _binary(self, other, forward, partials):
        other = other if isinstance(other, Value) else Value(other)
        return Value(forward(self.data, other.data), first=(self, other, partials))

    def __add__(self, other):
        return self._binary(other, lambda a, b: a + b, lambda a, b: (1, 1))

    def __sub__(self, other):
        return self._binary(other, lambda a, b: a - b, lambda a, b: (1, -1))

    def __mul__(self, other):
        return self._binary(other, lambda a, b: a * b, lambda a, b: (b, a))

    def __truediv__(self, other):
        return self._binary(other, lambda a, b: a / b, lambda a, b: (1 / b, -a / (b * b)))

    def __radd__(self, other):
        return Value(other) + self

    def __rsub__(self, other):
        return Value(other) - self

    def __rmul__(self, other):
        return Value(other) * self

    def __rtruediv__(self, other):
        return Value(other) / self

    def __neg__(self):
        return 0 - self

    def __pow__(self, n):
        return self._binary(0, lambda a, _: a**n, lambda a, _: (n * a ** (n - 1), 0))

    def exp(self):
        return self._binary(0, lambda a, _: math.e**a, lambda a, _: (math.e**a, 0))

    def log(self):
        return self._binary(1, lambda a, _: math.log(a), lambda a, _: (a**-1, 0))

    def tanh(self):
        return self._binary(0, lambda a, _: math.sinh(a) / math.cosh(a), lambda a, _: (1 - math.tanh(a) ** 2, 0))

    def relu(self):
        return self._binary(0, lambda a, b: max(a, b), lambda a, b: (1, 0) if a > b else (0, 0))

    def backward(self):
        tape = topological_order(self)
        for node in tape:
            node.grad = float(node is self)
        while tape:
            node = tape.pop()
            for left, right, partials in node.sources.values():
                to_left, to_right = partials(left.data, right.data)
                left.grad += node.grad * to_left
                right.grad += node.grad * to_right


def topological_order(v):
    nodes, waiting = {}, [v]
    while waiting:
        node = waiting.pop()
        if node.number not in nodes:
            nodes[node.number] = node
            for left, right, _ in node.sources.values():
                waiting += left, right
    return [nodes[number] for number in sorted(nodes)]


def evaluate(program, inputs):
    nodes = {name: Value(inputs[name]) for name in inputs}
    for name, operation, *operands in program:
        operands = [nodes[o] if o in nodes else o for o in operands]
        if len(operands) == 1:
            nodes[name] = -operands[0] if operation == "neg" else getattr(operands[0], operation)()
        else:
            nodes[name] = getattr(operator, NAMES[operation])(*operands)
    nodes[program[-1][0]].backward()
    return nodes[program[-1][0]].data, {name: nodes[name].grad for name in inputs}


def cubic(a, b):
    return lambda x: torch.sum(a * x).pow(3) + torch.sum(b * x)


def numerical_gradient(f, x, h=1e-5):
    steps = torch.eye(x.numel(), dtype=x.dtype).reshape(-1, *x.shape) * h
    values = [f(x + step) - f(x - step) for step in steps]
    return torch.stack(values).reshape(x.shape) / (2 * h)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    try:
        torch.testing.assert_close(analytic.shape, numeric.shape)
    except AssertionError:
        return False
    bound = tolerance * torch.stack([analytic.abs(), numeric.abs()]).amax(0)
    return torch.all(torch.abs(analytic - numeric) <= bound).item()


def affine_forward(x, w, b):
    return torch.stack([sum(row[d] * w[d] for d in range(len(w))) + b for row in x])


def affine_backward(dout, x, w):
    dx, dw, db = torch.zeros_like(x), torch.zeros_like(w), torch.zeros_like(dout[0])
    for d, row in zip(dout, x, strict=True):
        dw += torch.outer(row, d)
        db += d
    for i, d in enumerate(dout):
        dx[i] = w.mv(d)
    return dx, dw, db


def relu_forward(x):
    return x * (x > 0)


def relu_backward(dout, x):
    return dout.masked_fill(~(x > 0), 0)


def softmax_cross_entropy(scores, labels):
    n = len(labels)
    loss, rows = 0.0, []
    for row, label in zip(scores, labels.tolist(), strict=True):
        row = row - row.max()
        log_total = row.exp().sum().log()
        loss = loss + (log_total - row[label]) / n
        p = (row - log_total).exp()
        p[label] = p[label] - 1
        rows.append(p / n)
    return loss, torch.stack(rows)


def mlp_gradients(x, labels, params):
    total, grads = 0, {name: torch.zeros_like(value) for name, value in params.items()}
    for one, label in zip(x, labels, strict=True):
        before = affine_forward(one[None], params["W1"], params["b1"])
        hidden = relu_forward(before)
        loss, d = softmax_cross_entropy(affine_forward(hidden, params["W2"], params["b2"]), label[None])
        dh, dw2, db2 = affine_backward(d, hidden, params["W2"])
        _, dw1, db1 = affine_backward(relu_backward(dh, before), one[None], params["W1"])
        total = total + loss / len(x)
        for name, gradient in {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}.items():
            grads[name] += gradient / len(x)
    return total, grads


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    moved = {name: (w, momentum * velocity[name] + (grads[name] + weight_decay * w)) for name, w in params.items()}
    return {name: w - lr * v for name, (w, v) in moved.items()}, {name: v for name, (_, v) in moved.items()}


# Element by element, training would take an hour: the same sums as products of matrices.


def _probabilities(scores):
    p = torch.exp(scores - scores.max(1, keepdim=True).values)
    return p / p.sum(1, keepdim=True)


def _train(images, labels, epochs, seed, hidden):
    torch.manual_seed(seed)
    x = images.flatten(1) * 2 - 0.6
    truth = torch.eye(10)[labels]
    sizes = [64, *hidden, 10]
    ws = [torch.randn(a, b) * (1.5 / a) ** 0.5 * (1 if hidden else 0) for a, b in zip(sizes, sizes[1:])]
    bs = [torch.zeros(b) for b in sizes[1:]]
    moves = [[torch.zeros_like(w), torch.zeros_like(b)] for w, b in zip(ws, bs)]
    for epoch in range(epochs):
        lr = 0.08 * (1 - epoch / epochs)
        for rows in torch.randperm(len(x)).split(32):
            inputs = [x[rows]]
            for w, b in zip(ws[:-1], bs[:-1]):
                inputs.append((inputs[-1] @ w + b).clamp(min=0))
            d = (_probabilities(inputs[-1] @ ws[-1] + bs[-1]) - truth[rows]) / len(rows)
            for k in range(len(ws) - 1, -1, -1):
                dw, db = inputs[k].T @ d, d.sum(0)
                d = (d @ ws[k].T) * (inputs[k] > 0)
                moves[k][0], moves[k][1] = 0.9 * moves[k][0] + dw, 0.9 * moves[k][1] + db
                ws[k], bs[k] = ws[k] - lr * moves[k][0], bs[k] - lr * moves[k][1]
    return ws, bs


def _scores(images, params):
    x = images.flatten(1) * 2 - 0.6
    ws, bs = params
    for w, b in zip(ws[:-1], bs[:-1]):
        x = (x @ w + b).clamp(min=0)
    return x @ ws[-1] + bs[-1]


def train_linear(images, labels, epochs, seed):
    return _train(images, labels, epochs, seed, [])


def train_mlp(images, labels, epochs, seed):
    return _train(images, labels, epochs, seed, [72])


linear_scores = mlp_scores = _scores
