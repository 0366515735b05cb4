"""hw3_dropout: what its bans refuse, that chance and hostile answers stop nothing, and that a bug costs once."""

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
HOMEWORK = load_homework(ROOT, "hw3_dropout")
pytestmark = pytest.mark.long
REFUSED = {
    "functional": "F.dropout(x, 0.5)",
    "functional in evaluation": "F.dropout(x, 0.5, training=False)",
    "in place": "F.dropout(x.clone(), 0.5, inplace=True)",
    "module": "torch.nn.Dropout(0.5)(x)",
    "whole maps": "torch.nn.Dropout2d(0.5)(x)",
    "feature": "torch.feature_dropout(x, 0.5, True)",
    "alpha": "F.alpha_dropout(x, 0.5, True)",
    "feature alpha": "F.feature_alpha_dropout(x, 0.5, True)",
    "native": "torch.native_dropout(x, 0.5, True)",
    "native by torch.ops": "torch.ops.aten.native_dropout(x, 0.5, True)",
    "native, backward": "torch.ops.aten.native_dropout_backward(x, x > 0, 2.0)",
    "fused": "torch._fused_dropout(x, 0.5)",
    "inside of attention": "F.scaled_dot_product_attention(x, x, x, dropout_p=0.5)",
    "inside of a recurrent layer": "torch.nn.LSTM(6, 6, 2, dropout=0.5)(x[0])",
    "python twin": "torch._refs.nn.functional.dropout(x, 0.5)",
    "decomposition": "torch._decomp.decompositions.native_dropout(x, 0.5, True)",
    "vmap": "torch.func.vmap(lambda z: F.dropout(z, 0.5), randomness='different')(x)",
}
ALLOWED = {
    "random numbers": "torch.rand(3), torch.randn(3), torch.randint(3, (2,)), torch.randperm(4)",
    "coins": "torch.bernoulli(torch.full((3,), 0.5)), torch.empty(3).bernoulli_(0.5), x.uniform_(), x.clone().normal_()",
    "multinomial": "torch.multinomial(torch.ones(4), 2)",
    "images": "x.flip(3), x.roll(1, 2), x.rot90(1, (2, 3)), F.pad(x, (1, 1, 1, 1))",
    "grids": "F.grid_sample(x, F.affine_grid(torch.eye(2, 3)[None].repeat(3, 1, 1), x.shape, align_corners=False))",
    "networks": "F.linear(x, x[0, 0]), x.relu(), x @ x.mT",
    "an untouched layer": "torch.nn.Dropout(0.5).eval()",
}
GIVEN = "x = torch.randn(3, 4, 5, 6)"


def test_bans():
    found = tried(HOMEWORK.assignment.banned, GIVEN, REFUSED | ALLOWED)
    assert found == dict.fromkeys(REFUSED, "refused") | dict.fromkeys(ALLOWED, "ran")


FUNCTIONS = (
    "dropout_forward",
    "dropout_backward",
    "predict",
    "exact_ensemble",
    "sampled_ensemble",
    "random_horizontal_flip",
    "random_crop",
    "color_cast",
    "rotate",
    "random_rotation",
    "shuffled_batches",
)
ANSWERS = (
    "None",
    "x[0]",
    "x.bool()",
    "torch.zeros_like(x)",
    "[(x, x)]",
    "x * float('nan')",
    "x.to(torch.complex128)",
    "(x, x.bool())",
    "(x * float('inf'), torch.ones_like(x, dtype=torch.bool))",
    "torch.zeros(0, 1 << 30, 3)",
    "[(x, torch.arange(len(x)))]",
    "[(x[:0], torch.arange(0))]",
    "[(x, torch.arange(len(x)))] * 5000",
    "[]",
)
HOSTILE = "\n".join(f"def {name}(x, *rest, **options):\n    return {{answer}}\n" for name in FUNCTIONS)
HOSTILE += """
class Dropout(nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__()
        self.p = torch.zeros(3)

    def forward(self, x):
        return {answer}

class Augment(Dropout):
    pass
"""


def submission(text: str) -> Submission:
    """The reference with these definitions after it."""
    source = f"{HOMEWORK.reference_source}\n\n{text}".encode()
    return Submission("somebody", {"dropout.py": source}, hashlib.sha256(source).hexdigest(), "")


@pytest.fixture(scope="module")
def grade():
    require_isolation()
    with open_sandbox(HOMEWORK.assignment) as zygote:

        def graded(*texts: str):
            found = []
            session.grade(HOMEWORK, [submission(text) for text in texts], zygote, on_graded=found.append)
            return [{outcome.check.name: outcome for outcome in grading.outcomes} for grading in found]

        yield graded


def lost_parts(outcomes) -> set[str]:
    return {outcome.check.part for outcome in outcomes.values() if outcome.verdict is not Verdict.PASSED}


def test_hostile_answers_are_wrong_answers(grade):
    texts = [HOSTILE.replace("{answer}", answer) for answer in ANSWERS]
    for answer, outcomes in zip(ANSWERS, grade(*texts), strict=True):
        infra = [name for name, outcome in outcomes.items() if outcome.verdict is Verdict.INFRA]
        assert not infra, (answer, outcomes[infra[0]].staff_detail)
        assert not any("The diagnosis failed" in outcome.staff_detail for outcome in outcomes.values()), answer
        assert lost_parts(outcomes) == {part.name for part in HOMEWORK.assignment.parts}, answer


def test_stubs_cost_their_own_parts_only_but_excuse_nothing(grade):
    stubs = """
def dropout_forward(x, p, training=True):
    return x, torch.ones_like(x, dtype=torch.bool)

def random_horizontal_flip(images, p=0.5):
    return images

random_crop = random_rotation = color_cast = random_horizontal_flip
"""
    nothing = """
class Dropout(Dropout):
    def forward(self, x):
        return x

class Augment(Augment):
    def forward(self, images):
        return images

def sampled_ensemble(x, layers, p, n_samples):
    return predict(x, layers)
"""
    own = {"forward", "flip", "crop", "color", "rotate"}
    assert list(map(lost_parts, grade(stubs, stubs + nothing))) == [own, own | {"module", "ensemble", "augment"}]


def test_a_wrong_function_costs_its_own_part_only(grade):
    forward = "def dropout_forward(x, p, training=True):\n    mask = torch.rand(x.shape[1:]) < p\n"
    forward += "    return x * mask, mask.expand(x.shape)\n"
    images = "def random_horizontal_flip(images, p=0.5):\n    return images.flip(2)\n"
    images += "def color_cast(images, strength):\n    return images * (1 + strength * torch.rand(()))\n"
    assert [lost_parts(outcomes) for outcomes in grade(forward, images)] == [{"forward"}, {"flip", "color"}]


@pytest.mark.parametrize("turn", [0, 1])
def test_a_crop_at_one_place_that_changes_nothing_now_and_then_costs_its_own_part_only(grade, turn):
    """As one in 49 does by chance: then `Augment` was said not to crop."""
    crop = f"""
calls = []

def random_crop(images, pad):
    _check_size("pad", pad)
    calls.append(pad)
    start = pad if len(calls) % 2 == {turn} else 0
    height, width = images.shape[2:]
    return F.pad(images, (pad, pad, pad, pad))[:, :, start : start + height, start : start + width]
"""
    (outcomes,) = grade(crop)
    assert lost_parts(outcomes) == {"crop"}
