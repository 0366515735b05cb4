"""Inputs for these functions, drawn from what the handout allows. A `draw` gives random sizes and values."""

import torch

TWO = ("+", "-", "*", "/")
ONE = ("neg", "exp", "log", "tanh", "relu")


def _line(draw, name, nodes):
    """One line of a program: of nodes at random, the newest among them, or a plain number beside them.

    What is divided by, and whatever needs it, is p, which is positive.
    """
    operation = draw.one_of(*TWO, *TWO, "**", *ONE)
    first = nodes[-1] if draw.flag() else draw.one_of(*nodes)
    if operation in ONE:
        return name, operation, "p" if operation == "log" else first
    if operation == "**":
        exponent = draw.one_of(1, 2, 3, 4, -1, -2, 0.5, 1.5)
        return name, operation, first if exponent in (1, 2, 3, 4) else "p", exponent
    number = draw.one_of(draw.number(0.1, 3.0), draw.whole(1, 3))
    if operation == "/":
        return (name, operation, *draw.one_of((first, "p"), (first, number), (number, "p")))
    second = draw.one_of(*nodes) if draw.flag(0.7) else number
    return (name, operation, first, second) if draw.flag() else (name, operation, second, first)


def evaluate(draw):
    """A program of one line or some; inputs are 0 or 1 at times."""
    inputs = {name: draw.one_of(0.0, 1.0) if draw.flag(0.2) else draw.number() for name in "xy"}
    inputs["p"] = draw.number(0.1, 3.0)
    nodes, program = list(inputs), []
    for i in range(draw.size(1, 5)):
        program.append(_line(draw, f"n{i}", nodes))
        nodes.append(f"n{i}")
    return draw.call(program, inputs)


def operations(draw, hw):
    """One operation before a product: what reaches it is not 1."""
    inputs = {"x": draw.number(), "y": 0.0 if draw.flag(0.1) else draw.number(), "p": draw.number(0.1, 3.0)}
    return hw.evaluate([_line(draw, "v", list(inputs)), ("f", "*", "v", draw.number(1, 3))], inputs)


def gradients(draw, hw):
    """Every node of a graph after backward(), twice and of two outputs; its inputs are as they were."""
    nodes = [hw.Value(draw.number()) for _ in range(3)]
    for _ in range(draw.size(1, 8)):
        one, other = nodes[-1], draw.one_of(*nodes)
        number = draw.one_of(draw.number(), draw.whole(1, 3))
        made = (one + other, one * other, one - other, one + number, number - one, number * one, -one, one.relu())
        nodes.append(draw.one_of(*made))
    seen = [[node.grad for node in nodes]]
    for output in (nodes[-1], nodes[-1], draw.one_of(*nodes)):
        output.backward()
        seen.append([(node.data, node.grad) for node in nodes])
    return seen


def order(draw, hw):
    """Which nodes topological_order finds, and whether each stands after its inputs."""
    nodes, inputs = [hw.Value(1.0), hw.Value(2.0)], {}
    for _ in range(draw.size(1, 8)):
        one, other = draw.one_of(*nodes), draw.one_of(*nodes)
        nodes.append(one + other)
        inputs[nodes[-1]] = one, other
    found = hw.topological_order(draw.one_of(*nodes))
    at = {node: i for i, node in enumerate(found)}
    late = [node for node in found if any(at.get(one, len(at)) > at[node] for one in inputs.get(node, ()))]
    return sorted(nodes.index(node) for node in found), len(late), nodes.index(found[-1]), type(found)


def _program(draw):
    """A program, and its inputs, some of which are equal."""
    inputs = {name: draw.number() for name in "xy"}
    inputs |= {"p": inputs["x"] if draw.flag(0.3) and inputs["x"] > 0 else draw.number(0.1, 3.0)}
    nodes, program = list(inputs), []
    for i in range(draw.size(1, 5)):
        program.append(_line(draw, f"n{i}", nodes))
        nodes.append(f"n{i}")
    return program, inputs


def graph(draw):
    """Every node of a graph after backward() of one node, or of two, one after the other."""
    program, inputs = _program(draw)
    outputs = [draw.one_of(*(name for name, *_ in program)) for _ in range(draw.size(1, 2))]
    return draw.ask("probes.graph", program, inputs, outputs)


def order_of_a_graph(draw):
    """Of sums and products, which are one node each whoever writes them."""
    inputs = {name: draw.number() for name in "xy"}
    nodes, program = list(inputs), []
    for i in range(draw.size(1, 5)):
        program.append((f"n{i}", draw.one_of("+", "*"), nodes[-1], draw.one_of(*nodes)))
        nodes.append(f"n{i}")
    return draw.ask("probes.order", program, inputs)


def gradient_of_cubic(draw):
    shape = _shape(draw)
    a, b, x = (draw.tensor(*shape) for _ in range(3))
    return draw.ask("probes.gradient_of_cubic", a, b, x, *([draw.one_of(1.0, 0.5)] if draw.flag() else []))


def _shape(draw):
    return [draw.size() for _ in range(draw.whole(0, 3))]


def numerical_gradient(draw, hw):
    """Of the cubic that is written for students, and of another function; x stays as it was."""
    a, b, x = (torch.randn(shape, generator=draw.generator).double() for shape in [_shape(draw)] * 3)
    f = hw.cubic(a, b) if draw.flag() else lambda x: (a * x.exp() + b).sum()
    h = draw.one_of(0.5, 0.25, 0.1)
    if draw.flag(0.3):
        found = hw.numerical_gradient(f, x).round(decimals=5)  # the rest is rounding
    else:
        found = hw.numerical_gradient(f, x, h) if draw.flag() else hw.numerical_gradient(f, x, h=h)
    return found, x


def gradients_agree(draw):
    """Two gradients: equal, nearly, in all elements but one, of other signs or shapes, with zeros or NaN."""
    one = draw.tensor(*_shape(draw))
    tolerance = draw.one_of(1e-6, 1e-4, 0.25)
    other = one * (1 + tolerance * draw.one_of(0, 0.5, 0.9, 1.1, 2, -0.5, -2))
    where = draw.tensor(*one.shape) > 0.8
    kind = draw.whole(0, 6)
    if kind < 3:
        other = torch.where(where, (-one, one + 1, one * 1.5)[kind], other)
    elif kind == 3:
        other = torch.where(where, float("nan"), other)
        one = other.clone() if draw.flag() else one
    elif kind == 4:
        other = draw.one_of(other[None], other.flatten(), other.sum(0) if other.dim() else other)
    one, other = (one, other) if draw.flag() else (other, one)
    if tolerance == 1e-6 and draw.flag():
        return draw.call(one, other)
    return draw.call(one, other, tolerance) if draw.flag() else draw.call(one, other, tolerance=tolerance)


def affine_forward(draw):
    n, d, m, dtype = draw.size(), draw.size(), draw.size(), draw.dtype()
    return draw.call(draw.tensor(n, d, dtype=dtype), draw.tensor(d, m, dtype=dtype), draw.tensor(m, dtype=dtype))


def affine_backward(draw):
    n, d, m, dtype = draw.size(), draw.size(), draw.size(), draw.dtype()
    return draw.call(draw.tensor(n, m, dtype=dtype), draw.tensor(n, d, dtype=dtype), draw.tensor(d, m, dtype=dtype))


def relu_forward(draw):
    return draw.call(draw.tensor(*_shape(draw), dtype=draw.dtype()))


def relu_backward(draw):
    shape, dtype = _shape(draw), draw.dtype()
    return draw.call(draw.tensor(*shape, dtype=dtype), draw.tensor(*shape, dtype=dtype))


def softmax_cross_entropy(draw):
    n, c = draw.size(), draw.size()
    return draw.call(draw.tensor(n, c, dtype=draw.dtype()), draw.labels(n, c))


def mlp_gradients(draw):
    n, d, h, c, dtype = draw.size(), draw.size(), draw.size(), draw.size(), draw.dtype()
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, c), "b2": (c,)}
    params = {name: draw.tensor(*shape, dtype=dtype) for name, shape in shapes.items()}
    return draw.call(draw.tensor(n, d, dtype=dtype), draw.labels(n, c), params)


def sgd_momentum_step(draw):
    """Names and shapes of any kind, in an order of their own in each dictionary."""
    dtype = draw.dtype()
    shapes = {name: _shape(draw) for name in ("W", "b", "scale")[: draw.size(1, 3)]}
    params, grads, velocity = (
        {name: draw.tensor(*shapes[name], dtype=dtype) for name in (list(shapes), list(shapes)[::-1])[turned]}
        for turned in (False, draw.flag(), draw.flag())
    )
    lr = draw.one_of(0.0, 0.1, 1.0)
    options = {"momentum": draw.one_of(0.0, 0.5, 1.0)} if draw.flag() else {}
    options |= {"weight_decay": draw.one_of(0.0, 0.01, 0.5)} if draw.flag() else {}
    if len(options) == 2 and draw.flag():
        return draw.call(params, grads, velocity, lr, options["momentum"], options["weight_decay"])
    return draw.call(params, grads, velocity, lr, **options)
