"""What grading does where a layer of yours is wrong: others stand in for yours, to see whether your mlp_gradients puts
them together correctly all the same. Each function is given your module first.
"""

import operator

import torch

from grader.guest.stand_ins import standing_in


def _seen(rows):
    """One number for each row, in which every place has its own weight."""
    return (rows * torch.linspace(1, 2, rows.shape[1], dtype=rows.dtype)).sum(1) / rows.shape[1] ** 0.5


def _affine_forward(x, w, b):
    if x.shape[1] != len(w):
        raise ValueError(f"{x.shape[1]} features for {len(w)} weights")
    return _seen(x)[:, None] * _seen(w.T) + 2 * b


def _affine_backward(dout, x, w):
    dx = _seen(dout)[:, None] * _seen(w)
    return dx, _seen(x.T)[:, None] * _seen(dout.T), 3 * _seen(dout.T)


def _relu_forward(x):
    return x / (1 + x.abs())


def _relu_backward(dout, x):
    return dout * (3 + x)


def _softmax_cross_entropy(scores, labels):
    targets = labels.to(scores.dtype)
    return scores.square().mean() + targets.mean(), 2 * scores - targets[:, None]


STAND_INS = {  # none is a layer of yours, but they have the same forms
    "affine_forward": _affine_forward,
    "affine_backward": _affine_backward,
    "relu_forward": _relu_forward,
    "relu_backward": _relu_backward,
    "softmax_cross_entropy": _softmax_cross_entropy,
}


def wired_mlp(module, x, labels, params):
    """What your mlp_gradients makes of a batch, of other layers."""
    with standing_in(module, STAND_INS):
        return module.mlp_gradients(x, labels, params)


# --- what a report's smallest example asks ----------------------------------------------------------------------------


def graph(module, program, inputs, outputs):
    """Each node's number and gradient, after backward() of each of these outputs in turn."""
    nodes = _run(module, program, inputs)
    for name in outputs:
        nodes[name].backward()
    return {name: (node.data, node.grad) for name, node in nodes.items()}


def order(module, program, inputs):
    """Which of these nodes topological_order finds from the last one, whether each comes after its inputs, and which
    one is the last.
    """
    nodes = _run(module, program, inputs)
    names = {id(node): name for name, node in nodes.items()}
    found = [names[id(node)] for node in module.topological_order(nodes[program[-1][0]]) if id(node) in names]
    made_of = {name: [one for one in operands if isinstance(one, str)] for name, _, *operands in program}
    place = {name: i for i, name in enumerate(found)}
    is_ordered = all(
        place.get(one, len(place)) < place[name] for name in found for one in made_of.get(name, ()) if name in place
    )
    return {"nodes": ", ".join(sorted(found)), "each after its inputs": is_ordered, "last": found[-1] if found else ""}


def gradient_of_cubic(module, a, b, x, *h):
    """Your numerical gradient of cubic(a, b) at x."""
    return module.numerical_gradient(module.cubic(a, b), x, *h)


OPERATIONS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    **{name: operator.methodcaller(name) for name in ("exp", "log", "tanh", "relu")},
}


def _run(module, program, inputs):
    nodes = {name: module.Value(number) for name, number in inputs.items()}
    for name, operation, *operands in program:
        nodes[name] = OPERATIONS[operation](*(nodes.get(one, one) for one in operands))
    return nodes
