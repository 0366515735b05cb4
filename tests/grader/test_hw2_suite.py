"""hw2_backprop: what its bans refuse, and what its judges make of stubs, of hostile nodes and of borrowed gradients."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.judging.plugin import Partly
from grader.outcome import Outcome, Verdict
from grader.sandbox.opening import open_sandbox
from tests.grader.banned import tried
from tests.grader.course import require_isolation

ROOT = Path(__file__).parents[2]
HOMEWORK = load_homework(ROOT, "hw2_backprop")
pytestmark = pytest.mark.long
REFUSED = {
    "backward": "r.exp().sum().backward()",
    "grad": "torch.autograd.grad(r.exp().sum(), r)",
    "functional": "torch.func.grad(lambda x: x.exp().sum())(x)",
    "jacobian": "torch.autograd.functional.jacobian(torch.exp, x)",
    "loss": "F.cross_entropy(x, labels)",
    "loss, module": "torch.nn.CrossEntropyLoss()(x, labels)",
    "loss of log p": "F.nll_loss(x, labels)",
    "loss by torch.ops": "torch.ops.aten.nll_loss_forward(x, labels, None, 1, -100)",
    "binary loss": "F.binary_cross_entropy(x.sigmoid(), x.sigmoid())",
    "softmax": "torch.softmax(x, 1)",
    "softmax, method": "x.softmax(1)",
    "softmax, module": "torch.nn.Softmax(1)(x)",
    "log_softmax": "F.log_softmax(x, 1)",
    "log_softmax by torch.ops": "torch.ops.aten._log_softmax(x, 1, False)",
    "log of a sum of exponentials": "torch.logsumexp(x, 1)",
    "special log_softmax": "torch.special.log_softmax(x, 1)",
    "gumbel": "F.gumbel_softmax(x)",
    "softmax, in attention": "F.scaled_dot_product_attention(x[None, None], torch.eye(3)[None, None], torch.eye(3)[None, None])",
    "softmax, in attention's kernel": "torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(*[x[None, None]] * 3)",
    "softmax, of distributions": "torch.distributions.transforms.SoftmaxTransform()(x)",
    "the last of a running sum": "torch.logcumsumexp(x, 1)[:, -1]",
    "derivative of relu": "torch.ops.aten.threshold_backward(x, x, 0)",
    "derivative of tanh": "torch.ops.aten.tanh_backward(x, x)",
    "derivative of softmax": "torch.ops.aten._softmax_backward_data(x, x, 1, torch.float32)",
    "python twin": "torch._refs.log_softmax(x, 1)",
    "python twin of the loss": "torch._refs.nn.functional.nll_loss(x, labels)",
}
ALLOWED = {
    "exponentials": "x.exp(), x.log1p(), x.relu(), x.clamp(min=0), x.tanh(), x.sigmoid()",
    "the largest": "x.amax(1, keepdim=True), x.max(1), x.argmax(1), torch.maximum(x, x)",
    "products": "x @ x.T, torch.addmm(x[0], x, x.T @ x), torch.einsum('ij,ik->jk', x, x), F.linear(x, x), x.outer",
    "index": "x[torch.arange(5), labels], x.gather(1, labels[:, None]), F.one_hot(labels), x.scatter(1, labels[:, None], 1)",
    "in place": "x.clone().mul_(2).add_(x, alpha=3), x.clone().index_put_((labels,), x[0])",
    "comparison": "torch.allclose(x, x), torch.testing.assert_close(x, x), torch.equal(x, x), x.isnan().any()",
    "other": "x.norm(), x.mean(0), x.std(), torch.linalg.vector_norm(x), torch.eye(3), x.numpy(), x.expand(2, 5, 3)",
}
GIVEN = "x, labels = torch.rand(5, 3), torch.tensor([0, 2, 1, 1, 0]); r = x.clone().requires_grad_()"


def test_bans():
    found = tried(HOMEWORK.assignment.banned, GIVEN, REFUSED | ALLOWED)
    assert found == dict.fromkeys(REFUSED, "refused") | dict.fromkeys(ALLOWED, "ran")


NODE = """
class Value(Value):
    @property
    def {name}(self):
        return {answer}

    @{name}.setter
    def {name}(self, value):
        pass
"""
FUNCTION = "def {name}(*args, **kwargs):\n    return {answer}\n"
ANSWERS = (
    "None",
    "'a'",
    "float('nan')",
    "1e400",
    "10**400",
    "[1, 2]",
    "{1: 2}",
    "(1, {'x': 1, 'W1': 2})",
    "({}, {})",
    "(torch.zeros(2), dict.fromkeys(('W1', 'b1', 'W2', 'b2', 'x', 'y', 'z'), 'a'))",
    "torch.zeros(0, 1 << 30, 3)",
    "torch.zeros(2, dtype=torch.complex64)",
    "(torch.zeros(5, 3, dtype=torch.bool), torch.zeros(5, 4), iter([]))",
    "iter([])",
    "[object(), object()]",
)
NUMBERS = ("None", "'a'", "[1]", "self")
FUNCTIONS = (
    "evaluate",
    "topological_order",
    "cubic",
    "gradients_agree",
    "affine_backward",
    "mlp_gradients",
    "sgd_momentum_step",
)
HOSTILE = {
    f"hostile: {name} = {answer}": FUNCTION.format(name=name, answer=answer)
    for place, name in enumerate(FUNCTIONS)
    for answer in ANSWERS[place % 4 :: 4]
} | {
    f"hostile: {name} of a node = {answer}": NODE.format(name=name, answer=answer)
    for name in ("grad", "data")
    for answer in NUMBERS
}
HOSTILE |= {
    f"hostile: {name} gives {answer}": f"""
class Value(Value):
    def __{name}__(self, other):
        return {answer}
"""
    for name in ("add", "mul")
    for answer in ("None", "3", "'a'", "torch.ones(2)", "torch.arange(3).numpy()", "2**63 - 1", "[self]")
}
AUTOGRAD = """
def relu_backward(dout, x):
    x.requires_grad_()
    (dx,) = torch.autograd.grad(x.relu(), x, dout)
    return dx


def affine_backward(dout, x, w):
    b = torch.zeros(w.shape[1], dtype=w.dtype)
    for one in (x, w, b):
        one.requires_grad_()
    (x @ w + b).backward(dout)
    return x.grad, w.grad, b.grad
"""
NUMERICAL = """
def differentiate(f, number, h):
    return (f(number + h) - f(number - h)) / (2 * h)


exact = evaluate


def evaluate(program, inputs):
    def at(name):
        return lambda number: exact(program, inputs | {name: number})[0]

    return exact(program, inputs)[0], {name: differentiate(at(name), inputs[name], H) for name in inputs}


exact_network = mlp_gradients


def mlp_gradients(x, labels, params):
    grads = {
        name: numerical_gradient(lambda w, name=name: exact_network(x, labels, params | {name: w})[0], value, H)
        for name, value in params.items()
    }
    return exact_network(x, labels, params)[0], grads
"""
STUBS = """
def affine_forward(x, w, b):
    return torch.zeros(len(x), w.shape[1], dtype=x.dtype)


def affine_backward(dout, x, w):
    return torch.zeros_like(x), torch.zeros_like(w), torch.zeros_like(w[0])


def relu_forward(x):
    return x


def relu_backward(dout, x):
    return dout


def softmax_cross_entropy(scores, labels):
    return scores.sum(), scores
"""
NO_NETWORK = """

def mlp_gradients(x, labels, params):
    scores = affine_forward(relu_forward(affine_forward(x, params["W1"], params["b1"])), params["W2"], params["b2"])
    loss, dscores = softmax_cross_entropy(scores, labels)
    return loss, {name: affine_backward(dscores, scores, params["W2"])[0] for name in params}
"""
WRONG_LAYERS = """
def affine_backward(dout, x, w):
    return dout @ w.T, x.T @ dout / len(x), dout.mean(0)


def relu_backward(dout, x):
    return dout * (dout > 0)


def softmax_cross_entropy(scores, labels):
    return scores.mean(), (scores - labels[:, None]) / 3
"""
WRONG_GRAPH = """
class Value(Value):
    def __add__(self, other):
        other = _node(other)
        both = {self: 1.0, other: 1.0}
        return Value(self.data + other.data, tuple(both), tuple(both.values()))
"""
OVERLAYS = HOSTILE | {
    "autograd": AUTOGRAD,
    "numerical, 1e-4": f"H = 1e-4\n{NUMERICAL}",
    "numerical, 1e-5": f"H = 1e-5\n{NUMERICAL}",
    "numerical, 1e-6": f"H = 1e-6\n{NUMERICAL}",
    "stubs": STUBS,
    "a network of stubs": STUBS + NO_NETWORK,
    "wrong layers": WRONG_LAYERS,
    "wrong graph": WRONG_GRAPH,
}


@pytest.fixture(scope="module")
def graded():
    """The outcomes of the reference with each overlay after it, by the overlay's name and the check's."""
    require_isolation()
    checks, measuring = session.collect_measuring(HOMEWORK)
    trained = {check.name: Outcome(check, Verdict.PASSED, check.points) for check in checks if check.name in measuring}
    submissions = []
    for number, overlay in enumerate(OVERLAYS.values()):
        content = f"{HOMEWORK.reference_source}\n\n{overlay}".encode()
        one = Submission(f"s{number}", {"backprop.py": content}, hashlib.sha256(content).hexdigest(), "")
        submissions.append(Partly(one, trained))  # nothing is trained: that would take minutes
    found = []
    with open_sandbox(HOMEWORK.assignment) as zygote:
        session.grade(HOMEWORK, submissions, zygote, on_graded=found.append)
    outcomes = [{outcome.check.name: outcome for outcome in grading.outcomes} for grading in found]
    return dict(zip(OVERLAYS, outcomes, strict=True))


def lost(outcomes):
    return {name for name, outcome in outcomes.items() if outcome.verdict is not Verdict.PASSED}


def lost_parts(outcomes):
    return {outcomes[name].check.part for name in lost(outcomes)}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_are_wrong_answers(graded, name):
    outcomes = graded[name]
    assert Verdict.INFRA not in {outcome.verdict for outcome in outcomes.values()}
    assert not any("The diagnosis failed" in outcome.staff_detail for outcome in outcomes.values())
    assert lost(outcomes)


def test_autograd_is_forbidden(graded):
    outcomes = graded["autograd"]
    told = {name: outcome for name, outcome in outcomes.items() if outcome.verdict is Verdict.FORBIDDEN}
    assert {"test_relu_gradient[matrix]", "test_affine_gradient[dx]"} <= set(told)
    assert lost(outcomes) == set(told)
    assert all("this assignment forbids `autograd`" in outcome.message for outcome in told.values())


@pytest.mark.parametrize("h", ["1e-4", "1e-5", "1e-6"])
def test_numerical_gradients_are_none(graded, h):
    outcomes = graded[f"numerical, {h}"]
    curved = {f"test_derivative[{case}]" for case in ("quotient", "power", "root", "exp", "log", "tanh")}
    assert {name for name in outcomes if name.startswith("test_network_gradient")} <= lost(outcomes)
    assert len(curved - lost(outcomes)) <= 1  # of one number the errors may cancel, once in some fifty


def test_stubs_cost_the_network_nothing_but_excuse_none(graded):
    assert lost_parts(graded["stubs"]) == {"layers"}
    outcomes = graded["a network of stubs"]
    kept = {name for name in outcomes if name.startswith("test_network")} - lost(outcomes)
    assert kept == {"test_network_loss"}  # that much of it is put together correctly


def test_wrong_layers_cost_their_own_part_only(graded):
    assert lost_parts(graded["wrong layers"]) == {"layers"}  # what is trained with them is another matter


def test_a_graph_that_cannot_be_walked_costs_no_operation(graded):
    assert lost_parts(graded["wrong graph"]) == {"graphs"}
