"""hw4_batchnorm: what its bans refuse, and what its judges of wiring make of stubs and of hostile answers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.intake.submission import Submission
from grader.judging import session
from grader.outcome import Verdict
from grader.sandbox.opening import open_sandbox
from tests.grader.banned import tried
from tests.grader.course import require_isolation

ROOT = Path(__file__).parents[2]
HOMEWORK = load_homework(ROOT, "hw4_batchnorm")
pytestmark = pytest.mark.long
REFUSED = {
    "functional": "F.batch_norm(x, None, None, g, b, True)",
    "module": "torch.nn.BatchNorm2d(4)(x)",
    "module in evaluation": "torch.nn.BatchNorm2d(4).eval()(x)",
    "one axis": "torch.nn.BatchNorm1d(4)(x[:, :, 0, 0])",
    "synchronised": "torch.nn.SyncBatchNorm(4)(x)",
    "instances of a turned batch": "F.instance_norm(x.transpose(0, 1).reshape(1, 4, -1))",
    "groups": "F.group_norm(x, 2)",
    "layers": "F.layer_norm(x.transpose(0, 1).reshape(4, -1), (90,))",
    "root mean square": "F.rms_norm(x.transpose(0, 1).reshape(4, -1), (90,))",
    "native": "torch.native_batch_norm(x, g, b, None, None, True, 0.1, 1e-5)",
    "native by torch.ops": "torch.ops.aten.native_batch_norm(x, g, b, None, None, True, 0.1, 1e-5)",
    "legit": "torch._native_batch_norm_legit(x, g, b, True, 0.1, 1e-5)",
    "legit without training": "torch.ops.aten._native_batch_norm_legit_no_training(x, g, b, b, g, 0.1, 1e-5)",
    "legit, functional": "torch.ops.aten._native_batch_norm_legit_functional(x, g, b, b, g, True, 0.1, 1e-5)",
    "with update": "torch.ops.aten._batch_norm_with_update(x, g, b, b, g, 0.1, 1e-5)",
    "no update": "torch.ops.aten._batch_norm_no_update(x, g, b, b, g, 0.1, 1e-5)",
    "impl index": "torch._batch_norm_impl_index(x, g, b, b, g, True, 0.1, 1e-5, False)",
    "cudnn": "torch.cudnn_batch_norm(x, g, b, b, g, True, 0.1, 1e-5)",
    "miopen": "torch.miopen_batch_norm(x, g, b, b, g, True, 0.1, 1e-5)",
    "update of statistics": "torch.batch_norm_update_stats(x, b, g, 0.1)",
    "element by element": "torch.batch_norm_elemt(x, g, b, b, g, 1e-5)",
    "backward": "torch.ops.aten.native_batch_norm_backward(x, x, g, b, g, b, g, True, 1e-5, [True] * 3)",
    "backward of layers": "torch.ops.aten.native_layer_norm_backward(x, x, (6,), b, g, None, None, [True] * 3)",
    "python twin": "torch._refs.native_layer_norm(x, (6,), None, None, 1e-5)",
    "python twin's helper": "torch._refs._normalize(x, (0, 2, 3), 1e-5)",
    "helper of the decompositions": "torch._decomp.decompositions.native_batch_norm_helper("
    "x, g, b, None, None, True, 0.1, 1e-5, False)",
    "a decomposition of its own name": "torch._decomp.decompositions._native_batch_norm_legit_no_stats("
    "x, g, b, True, 0.1, 1e-5)",
    "oneDNN": "torch.nn.BatchNorm2d(4).eval()(x.to_mkldnn())",
    "vmap": "torch.func.vmap(lambda z: F.batch_norm(z, None, None, g, b, True))(x[None])",
    "inside a transformer": "torch.nn.TransformerEncoderLayer(8, 1, 8).eval()(torch.randn(2, 3, 8))",
}
ALLOWED = {
    "moments": "torch.var_mean(x, (0, 2, 3), correction=0), x.std(), x.mean(0)",
    "norms of vectors": "torch.linalg.vector_norm(x), x.norm(), F.normalize(x)",
    "roots": "x.abs().rsqrt(), torch.addcmul(x, x, x), torch.lerp(x, x, 0.1)",
    "an untouched layer's state": "torch.nn.BatchNorm2d(4).state_dict()",
    "random numbers": "torch.normal(0, 1, (3,))",
}
GIVEN = "x, g, b = torch.randn(3, 4, 5, 6), torch.ones(4), torch.zeros(4)"


def test_bans():
    found = tried(HOMEWORK.assignment.banned, GIVEN, REFUSED | ALLOWED)
    assert found == dict.fromkeys(REFUSED, "refused") | dict.fromkeys(ALLOWED, "ran")


def overlaid(text: str) -> str:
    """The reference with these definitions after it."""
    return f"{HOMEWORK.reference_source}\n\n{text}"


MODULE = """
class BatchNorm2d(BatchNorm2d):
    def forward(self, x):
        super().forward(x)
        return {answer}
"""
STATE = """
class BatchNorm2d(BatchNorm2d):
    def state_dict(self, *args, **kwargs):
        return {answer}
"""
FORWARD = "def batchnorm_forward(x, gamma, *rest, **options):\n    return {answer}\n"
ANSWERS = (
    "None",
    "x[0]",
    "x * float('nan')",
    "x.to(torch.complex128)",
    "x.bool()",
    "[x, x]",
    "iter([x])",
    "torch.zeros(0, 1 << 30, 3)",
    "torch.zeros(1, dtype=torch.int8).expand(300, 300, 10)",
    "{'y': x}",
    "(x, 1, 'a')",
    "(x, x, x, x)",
    "(x, torch.ones(5, 5), torch.zeros(0))",
)
NAMES = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
VALUES = ("None", "iter([])", "'a'", "[1]", "torch.zeros(2, 2)", "torch.zeros((), dtype=torch.complex64)", "1e400")
STATES = ["None", "[]", "{1: 2}", *(f"dict.fromkeys({list(NAMES)}, {value})" for value in VALUES)]


@pytest.fixture(scope="module")
def grade():
    require_isolation()
    with open_sandbox(HOMEWORK.assignment) as zygote:

        def graded(*sources: str):
            submissions = [
                Submission(f"s{i}", {"batchnorm.py": source.encode()}, hashlib.sha256(source.encode()).hexdigest(), "")
                for i, source in enumerate(sources)
            ]
            found = []
            session.grade(HOMEWORK, submissions, zygote, on_graded=found.append)
            return [{outcome.check.name: outcome for outcome in grading.outcomes} for grading in found]

        yield graded


def test_hostile_answers_are_wrong_answers(grade):
    sources = [overlaid(template.format(answer=answer)) for template in (MODULE, FORWARD) for answer in ANSWERS]
    sources += [overlaid(STATE.format(answer=state)) for state in STATES]
    for source, outcomes in zip(sources, grade(*sources), strict=True):
        verdicts = {name: outcome.verdict for name, outcome in outcomes.items()}
        assert Verdict.INFRA not in verdicts.values(), (source[-200:], verdicts)
        assert not any("The diagnosis failed" in outcome.staff_detail for outcome in outcomes.values()), source[-200:]
        lost = [name for name, verdict in verdicts.items() if verdict is not Verdict.PASSED]
        assert len(lost) > 3, (source[-200:], lost)


def test_stubs_are_not_wired_right(grade):
    stubs = """
def batch_mean(x):
    return torch.zeros(x.shape[1], dtype=x.dtype)

def batch_variance(x, mean):
    return torch.ones_like(mean)

def normalize(x, mean, var, eps=1e-5):
    return x

def scale_and_shift(x_hat, gamma, beta):
    return x_hat

def batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    return x, running_mean, running_var
"""
    (outcomes,) = grade(overlaid(stubs))
    lost = {name for name, outcome in outcomes.items() if outcome.verdict is not Verdict.PASSED}
    assert {"test_training[images-y]", "test_evaluation[features]", "test_training[features-running_mean]"} <= lost
    assert {"test_mean[images]", "test_variance[features]", "test_normalize[images]"} <= lost
    assert not any(name.startswith("test_module") for name in lost), "the module uses what it has as it should"


def test_a_wrong_line_costs_its_own_part_only(grade):
    wrong = "def batch_variance(x, mean):\n    return x.var(_axes(x))\n"
    wrong += "\n\ndef update_running(a, b, mean, var, m, momentum=0.1):\n    return mean, var\n"
    (outcomes,) = grade(overlaid(wrong))
    lost = {outcome.check.part for outcome in outcomes.values() if outcome.verdict is not Verdict.PASSED}
    assert lost == {"lines", "running"}
