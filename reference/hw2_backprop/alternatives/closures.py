"""As in micrograd: each node has a closure that passes its gradient on; the graph is walked with Python's own stack."""

import math
import sys

import torch

sys.setrecursionlimit(100_000)


class Value:
    def __init__(self, data, children=()):
        self.data = data
        self.grad = 0.0
        self.made_of = children
        self.step_back = lambda: None

    @staticmethod
    def lift(other):
        return other if isinstance(other, Value) else Value(other)

    def __add__(self, other):
        other = Value.lift(other)
        out = Value(self.data + other.data, (self, other))

        def step_back():
            self.grad += out.grad
            other.grad += out.grad

        out.step_back = step_back
        return out

    def __mul__(self, other):
        other = Value.lift(other)
        out = Value(self.data * other.data, (self, other))

        def step_back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.step_back = step_back
        return out

    def __pow__(self, other):
        out = Value(self.data**other, (self,))

        def step_back():
            self.grad += other * self.data ** (other - 1) * out.grad

        out.step_back = step_back
        return out

    def relu(self):
        out = Value(self.data if self.data > 0 else 0.0, (self,))

        def step_back():
            self.grad += out.grad if out.data > 0 else 0.0

        out.step_back = step_back
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,))

        def step_back():
            self.grad += out.data * out.grad

        out.step_back = step_back
        return out

    def log(self):
        out = Value(math.log(self.data), (self,))

        def step_back():
            self.grad += out.grad / self.data

        out.step_back = step_back
        return out

    def tanh(self):
        e = math.exp(2 * self.data)
        out = Value((e - 1) / (e + 1), (self,))

        def step_back():
            self.grad += (1 - out.data**2) * out.grad

        out.step_back = step_back
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * Value.lift(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return Value(other) + (-self)

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return other * self**-1

    def backward(self):
        topo = topological_order(self)
        for v in topo:
            v.grad = 0.0
        self.grad = 1.0
        for v in reversed(topo):
            v.step_back()


def topological_order(v):
    topo, visited = [], set()

    def build(node):
        if node not in visited:
            visited.add(node)
            for child in node.made_of:
                build(child)
            topo.append(node)

    build(v)
    return topo


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "neg": lambda a: -a,
    "exp": Value.exp,
    "log": Value.log,
    "tanh": Value.tanh,
    "relu": Value.relu,
}


def evaluate(program, inputs):
    nodes = {name: Value(data) for name, data in inputs.items()}
    for name, operation, *operands in program:
        nodes[name] = OPERATIONS[operation](*[nodes.get(operand, operand) for operand in operands])
    nodes[name].backward()
    return nodes[name].data, {name: nodes[name].grad for name in inputs}


def cubic(a, b):
    return lambda x: (a * x).sum() ** 3 + (b * x).sum()


def numerical_gradient(f, x, h=1e-5):
    grad = torch.empty_like(x)
    work = x.clone()
    flat, out = work.view(-1), grad.view(-1)
    for i in range(x.numel()):
        old = flat[i].item()
        flat[i] = old + h
        plus = f(work).item()
        flat[i] = old - h
        minus = f(work).item()
        flat[i] = old
        out[i] = (plus - minus) / (2 * h)
    return grad


def gradients_agree(analytic, numeric, tolerance=1e-6):
    if analytic.shape != numeric.shape:
        return False
    for a, n in zip(analytic.flatten().tolist(), numeric.flatten().tolist(), strict=True):
        if not abs(a - n) <= tolerance * max(abs(a), abs(n)):
            return False
    return True


def affine_forward(x, w, b):
    return torch.addmm(b, x, w)


def affine_backward(dout, x, w):
    return dout.mm(w.t()), (dout.t().mm(x)).t(), torch.ones(len(dout), dtype=dout.dtype) @ dout


def relu_forward(x):
    return torch.relu(x)


def relu_backward(dout, x):
    dx = dout.clone()
    dx[x <= 0] = 0
    return dx


def softmax_cross_entropy(scores, labels):
    n = scores.shape[0]
    top = scores.max(dim=1, keepdim=True).values
    powers = torch.exp(scores - top)
    total = powers.sum(dim=1, keepdim=True)
    loss = (top + total.log() - scores.gather(1, labels[:, None])).sum() / n
    onehot = torch.zeros_like(scores).scatter_(1, labels[:, None], 1)
    return loss, (powers / total - onehot) / n


def mlp_gradients(x, labels, params):
    a = x @ params["W1"] + params["b1"]
    h = torch.relu(a)
    loss, d = softmax_cross_entropy(h @ params["W2"] + params["b2"], labels)
    da = (d @ params["W2"].T) * (h > 0)
    return loss, {"W2": h.T @ d, "b2": d.sum(0), "W1": x.T @ da, "b1": da.sum(0)}


def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    new_params, new_velocity = {}, {}
    for name in params:
        v = velocity[name].clone()
        v.mul_(momentum).add_(grads[name]).add_(params[name], alpha=weight_decay)
        new_velocity[name] = v
        new_params[name] = torch.sub(params[name], v, alpha=lr)
    return new_params, new_velocity


def rows_of(images):
    return images.reshape(len(images), 64) * 2.5 - 0.8


class Trainer:
    def __init__(self, seed, gradients, lr):
        torch.manual_seed(seed)
        self.gradients, self.lr, self.velocity = gradients, lr, None

    def fit(self, params, x, labels, epochs):
        self.velocity = {k: p * 0 for k, p in params.items()}
        for epoch in range(epochs):
            lr = self.lr * (0.1 if epoch >= epochs - 2 else 1.0)
            order = torch.randperm(len(x))
            for i in range(0, len(x), 20):
                batch = order[i : i + 20]
                _, grads = self.gradients(x[batch], labels[batch], params)
                params, self.velocity = sgd_momentum_step(params, grads, self.velocity, lr)
        return params


def linear_gradients(x, labels, params):
    loss, d = softmax_cross_entropy(x @ params["w"] + params["b"], labels)
    return loss, {"w": x.T @ d, "b": d.sum(0)}


def train_linear(images, labels, epochs, seed):
    start = {"w": torch.zeros(64, 10), "b": torch.zeros(10)}
    return Trainer(seed, linear_gradients, 0.03).fit(start, rows_of(images), labels, epochs)


def linear_scores(images, params):
    return rows_of(images) @ params["w"] + params["b"]


def train_mlp(images, labels, epochs, seed):
    trainer = Trainer(seed, mlp_gradients, 0.02)
    start = {"W1": torch.randn(64, 80) / 6, "b1": torch.zeros(80), "W2": torch.randn(80, 10) / 9, "b2": torch.zeros(10)}
    return trainer.fit(start, rows_of(images), labels, epochs)


def mlp_scores(images, params):
    return torch.relu(rows_of(images) @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
