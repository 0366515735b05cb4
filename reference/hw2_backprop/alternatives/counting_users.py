"""Kahn's way: a node's turn comes when all of its users have had theirs. Tensors by einsum, loops and numpy."""

import math
from collections import Counter, deque

import numpy as np
import torch


class Value:
    __slots__ = ("data", "grad", "parents", "rule")

    def __init__(self, data):
        self.data, self.grad, self.parents, self.rule = float(data), 0.0, [], None

    @classmethod
    def made(cls, data, parents, rule):
        node = cls(data)
        node.parents, node.rule = parents, rule
        return node

    def __add__(self, other):
        if isinstance(other, Value):
            return Value.made(self.data + other.data, [self, other], lambda g: (g, g))
        return Value.made(self.data + other, [self], lambda g: (g,))

    __radd__ = __add__

    def __neg__(self):
        return Value.made(-self.data, [self], lambda g: (-g,))

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        if isinstance(other, Value):
            return Value.made(self.data * other.data, [self, other], lambda g: (g * other.data, g * self.data))
        return Value.made(self.data * other, [self], lambda g: (g * other,))

    __rmul__ = __mul__

    def __truediv__(self, other):
        if isinstance(other, Value):
            x, y = self.data, other.data
            return Value.made(x / y, [self, other], lambda g: (g / y, -g * x / y**2))
        return self * (1 / other)

    def __rtruediv__(self, other):
        return Value.made(other / self.data, [self], lambda g: (-g * other / self.data**2,))

    def __pow__(self, n):
        return Value.made(self.data**n, [self], lambda g: (g * n * self.data ** (n - 1),))

    def exp(self):
        return Value.made(np.exp(self.data), [self], lambda g: (g * math.exp(self.data),))

    def log(self):
        return Value.made(np.log(self.data), [self], lambda g: (g / self.data,))

    def tanh(self):
        return Value.made(np.tanh(self.data), [self], lambda g: (g / math.cosh(self.data) ** 2,))

    def relu(self):
        return Value.made(np.maximum(self.data, 0), [self], lambda g: (g * (self.data > 0),))

    def backward(self):
        outputs_first = topological_order(self)[::-1]
        incoming = {id(node): 0.0 for node in outputs_first}
        incoming[id(self)] = 1.0
        for node in outputs_first:
            node.grad = incoming[id(node)]
            if node.rule is not None:
                for parent, share in zip(node.parents, node.rule(node.grad), strict=True):
                    incoming[id(parent)] += share


def topological_order(v):
    users, found, queue = Counter(), {id(v)}, deque([v])
    while queue:
        for parent in queue.popleft().parents:
            users[id(parent)] += 1
            if id(parent) not in found:
                found.add(id(parent))
                queue.append(parent)
    order, ready = [], deque([v])
    while ready:
        node = ready.popleft()
        order.append(node)
        for parent in node.parents:
            users[id(parent)] -= 1
            if users[id(parent)] == 0:
                ready.append(parent)
    return order[::-1]


def evaluate(program, inputs):
    known = {key: Value(value) for key, value in inputs.items()}
    for line in program:
        name, op, *rest = line
        args = [known[a] if isinstance(a, str) else a for a in rest]
        match op:
            case "+":
                result = args[0] + args[1]
            case "-":
                result = args[0] - args[1]
            case "*":
                result = args[0] * args[1]
            case "/":
                result = args[0] / args[1]
            case "**":
                result = args[0] ** args[1]
            case "neg":
                result = -args[0]
            case _:
                result = getattr(args[0], op)()
        known[name] = result
    result.backward()
    return result.data, {key: known[key].grad for key in inputs}


def cubic(a, b):
    def f(x):
        return torch.einsum("n,n", a.flatten(), x.flatten()) ** 3 + torch.einsum("n,n", b.flatten(), x.flatten())

    return f


def numerical_gradient(f, x, h=1e-5):
    if x.dim() == 0:
        return (f(x + h) - f(x - h)) / (2 * h)
    gradient = np.zeros(tuple(x.shape))
    for place in np.ndindex(*x.shape):
        up, down = x.clone(), x.clone()
        up[place] += h
        down[place] -= h
        gradient[place] = (float(f(up)) - float(f(down))) / (2 * h)
    return torch.from_numpy(gradient)


def gradients_agree(analytic, numeric, tolerance=1e-6):
    a, n = analytic.numpy(), numeric.numpy()
    if a.shape != n.shape or np.isnan(a).any() or np.isnan(n).any():
        return False
    largest = np.maximum(np.abs(a), np.abs(n))
    error = np.abs(a - n) / np.where(largest == 0, 1, largest)
    return not (error > tolerance).any()


def affine_forward(x, w, b, shifted=True):  # an argument of its own
    product = torch.einsum("nd,dm->nm", x, w)
    return product + b if shifted else product


def affine_backward(dout, x, w):
    dx = torch.einsum("nm,dm->nd", dout, w)
    dw = torch.einsum("nd,nm->dm", x, dout)
    return dx, dw, torch.einsum("nm->m", dout)


def relu_forward(x):
    return torch.where(x > 0, x, torch.zeros((), dtype=x.dtype))


def relu_backward(dout, x):
    return torch.where(x > 0, dout, 0.0)


def softmax_cross_entropy(scores, labels):
    s = scores.double().numpy()
    y = labels.numpy()
    shifted = s - s.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1)
    picked = shifted[np.arange(len(y)), y]
    loss = np.mean(np.log(total) - picked)
    dscores = powers / total[:, None]
    dscores[np.arange(len(y)), y] -= 1.0
    return torch.tensor(loss, dtype=scores.dtype), torch.from_numpy(dscores / len(y)).to(scores.dtype)


def mlp_gradients(x, labels, params):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    hidden = relu_forward(affine_forward(x, W1, b1, shifted=True))
    loss, dscores = softmax_cross_entropy(affine_forward(hidden, W2, b2), labels)
    grads = {}
    dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, hidden, W2)
    _, grads["W1"], grads["b1"] = affine_backward(relu_backward(dhidden, hidden), x, W1)
    return loss, grads


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    v = {k: grads[k] + weight_decay * params[k] + velocity[k] * momentum for k in grads}
    return {k: params[k] + v[k] * -lr for k in grads}, v


def prepared(images):
    x = images.numpy().reshape(-1, 64)
    return torch.from_numpy(((x - 0.3) / 0.4).astype(np.float32))


def batches(n, epochs, seed, size=25):
    rng = np.random.default_rng(seed)
    total = epochs * (n // size)
    for epoch in range(epochs):
        for i, rows in enumerate(np.array_split(rng.permutation(n), n // size)):
            yield rows, 0.5 + 0.5 * math.cos(math.pi * (epoch * (n // size) + i) / total)


def train_linear(images, labels, epochs, seed):
    x, W, b = prepared(images), torch.zeros(64, 10), torch.zeros(10)
    vW, vb = W.clone(), b.clone()
    for rows, share in batches(len(x), epochs, seed):
        _, d = softmax_cross_entropy(affine_forward(x[rows], W, b), labels[rows])
        _, dW, db = affine_backward(d, x[rows], W)
        vW, vb = 0.9 * vW + dW, 0.9 * vb + db
        W, b = W - 0.04 * share * vW, b - 0.04 * share * vb
    return [W, b]


def linear_scores(images, params):
    return affine_forward(prepared(images), *params)


def train_mlp(images, labels, epochs, seed):
    rng = np.random.default_rng(seed)
    x = prepared(images)
    params = {
        "W1": torch.from_numpy(rng.normal(0, 0.17, (64, 64)).astype(np.float32)),
        "b1": torch.zeros(64),
        "W2": torch.from_numpy(rng.normal(0, 0.12, (64, 10)).astype(np.float32)),
        "b2": torch.zeros(10),
    }
    velocity = {k: torch.zeros_like(p) for k, p in params.items()}
    for step, (rows, share) in enumerate(batches(len(x), epochs, seed)):
        loss, grads = mlp_gradients(x[rows], labels[rows], params)
        params, velocity = sgd_momentum_step(params, grads, velocity, 0.04 * share)
        if step % 50 == 0:
            print("step", step, "loss", round(float(loss), 4))
    return params


def mlp_scores(images, params):
    h = relu_forward(affine_forward(prepared(images), params["W1"], params["b1"]))
    return affine_forward(h, params["W2"], params["b2"])
