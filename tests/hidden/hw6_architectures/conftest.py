"""What the checks of hw6_architectures share: networks with known weights, and fair judges of what is made of blocks.

A bug costs once. A network is made of blocks; where it is not right, it may still be put together correctly: then it is
right with staff's blocks, which stand in for the student's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from grader.judging.draws import Draws
from grader.suite import an_object, either, expect, expect_equal, pick

FORWARD = ("y", "buffers")  # what `probes.forward` gives


class Judges:
    """Judge what is `built`: (name, *args) and keywords, of one's own blocks, or of others in the place of `wired`."""

    def __init__(
        self, student: Any, reference: Any, draws: Draws, wired: tuple[str, ...] = (), probe: str = "built"
    ) -> None:
        self._student, self._reference, self._draws, self._wired = student, reference, draws, wired
        self._probe = probe  # that builds what is the student's own
        self._seed = draws.integer(0, 2**20)

    def of(self, *names: str) -> Judges:
        """These judges for what is made of the student's classes and functions of these names."""
        return Judges(self._student, self._reference, self._draws, names)

    def outline(self, *built: Any, **options: Any) -> None:
        """The state has the right names and shapes."""

        def found(module: Any, kind: str) -> Any:
            if kind == "own":
                return module.probes.outline_of(*built, **options)
            return module.probes.wired_outline_of(list(self._wired), *built, **options)

        self._either(found, agree_outlines)

    def forward(self, x: Tensor, *built: Any, training: bool = False, **options: Any) -> None:
        """Answer and, in training, running statistics are right."""

        def judge(answer: Any, right: Any) -> None:
            _agree_answers(pick(answer, "y", FORWARD), right[0])
            if training:
                agree_all(pick(answer, "buffers", FORWARD), right[1], "running statistic")

        self._either(
            lambda module, kind: module.probes.forward(self._made(module, kind, built, options), x, training), judge
        )

    def gradients(self, x: Tensor, douts: list[Tensor], *built: Any, **options: Any) -> None:
        """The gradients of x and of each parameter are right."""
        self._either(
            lambda module, kind: module.probes.gradients(self._made(module, kind, built, options), x, douts),
            lambda answer, right: agree_all(answer, right, "gradient"),
        )

    def sizes(self, x: Tensor, *built: Any, **options: Any) -> None:
        """Each convolution and each linear layer gives the right shape."""
        self._either(
            lambda module, kind: module.probes.sizes(self._made(module, kind, built, options), x),
            lambda answer, right: agree_outlines(answer, right, "the network"),
        )

    def takes_weights(self, x: Tensor, theirs: Callable[[], nn.Module], *built: Any) -> None:
        """The network takes the state of torchvision's, and answers as that does, or is right with other blocks."""

        def truth() -> tuple[dict[str, Tensor], Tensor]:
            torch.manual_seed(self._seed)
            network = theirs().eval()
            with torch.no_grad():
                return dict(network.state_dict()), network(x)

        state, right = self._draws.remember(truth)
        double = x.double()

        def made(module: Any) -> Any:
            return module.probes.forward(self._made(module, "wired", built, {}), double, False)

        other = self._draws.remember(lambda: made(self._reference))

        def judge() -> None:
            model = an_object(self._student.probes.built(*built), built[0])
            agree_outlines(
                self._student.probes.outline(model), {name: list(value.shape) for name, value in state.items()}
            )
            model.load_state_dict(state)
            answer = self._student.probes.forward(model, x, False)
            expect_equal(pick(answer, "y", FORWARD), right, output="scores")

        either(judge, lambda: _agree_answers(pick(made(self._student), "y", FORWARD), other[0]))

    def model(self, *built: Any, **options: Any) -> Any:
        """The student's own, filled with known numbers, in float64."""
        return self._made(self._student, "own", built, options)

    def _either(self, found: Callable[[Any, str], Any], judge: Callable[[Any, Any], None]) -> None:
        """Judge what is `found` of the student's module by what is of the reference's, with the blocks of a kind."""
        kinds = ("own", "wired") if self._wired else ("own",)
        rights = {  # all of them, whatever the student's answers are: what is remembered is told apart by its order
            kind: self._draws.remember(lambda kind=kind: found(self._reference, kind)) for kind in kinds
        }

        def judge_kind(kind: str) -> None:
            judge(found(self._student, kind), rights[kind])

        if self._wired:
            either(lambda: judge_kind("own"), lambda: judge_kind("wired"))
        else:
            judge_kind("own")

    def _made(self, module: Any, kind: str, built: tuple[Any, ...], options: dict[str, Any]) -> Any:
        probes = module.probes
        if kind == "own":
            model = getattr(probes, self._probe)(*built, **options)
        else:
            model = probes.wired(list(self._wired), *built, **options)
        if module is self._student:
            model = an_object(model, str(built[0]))
        model = model.double()
        probes.fill(model, self._seed)
        return model


def _agree_answers(answer: Any, right: Any) -> None:
    """One tensor, or one for each head."""
    if not isinstance(right, tuple):
        expect_equal(answer, right, output="y")
        return
    names = ("scores", *(f"auxiliary {i}" for i in range(1, len(right))))
    for name, value in zip(names, right, strict=True):
        expect_equal(pick(answer, name, names), value, output=name)


def agree_all(answer: Any, expected: dict[str, Tensor], what: str) -> None:
    """A dictionary of tensors, entry by entry."""
    expect(isinstance(answer, dict), f"there are no {what}s to look at")
    for name, value in expected.items():
        expect(name in answer, f"there is no {what} of `{name}`")
        expect_equal(answer[name], value, output=f"{what} of {name}")


def agree_outlines(found: Any, right: Any, whose: str = "the state") -> None:
    """Both are names with shapes, and the same ones."""
    expect(_is_outline(found), f"{whose} is no dictionary of tensors")
    missing = [name for name in right if name not in found]
    expect(not missing, f"{whose} has no `{missing[0]}`" if missing else "")
    strange = [name for name in found if name not in right]
    expect(not strange, f"{whose} has an entry `{strange[0]}` too many" if strange else "")
    wrong = [name for name in right if found[name] != right[name]]
    expect(not wrong, f"`{wrong[0]}` has the shape {found[wrong[0]]}, not {right[wrong[0]]}" if wrong else "")


def _is_outline(found: Any) -> bool:
    return isinstance(found, dict) and all(map(_is_shape, found.values()))


def _is_shape(found: Any) -> bool:
    return isinstance(found, list) and all(type(size) is int for size in found)


@pytest.fixture
def judges(student: Any, reference: Any, draws: Draws) -> Judges:
    """Judges of what is built, see `Judges`."""
    return Judges(student, reference, draws)


@pytest.fixture
def recalibrated(student: Any, reference: Any, draws: Draws) -> Judges:
    """Judges of `probes.recalibrated`: the student's SqueezeExcitation around staff's block."""
    return Judges(student, reference, draws, probe="recalibrated")


@pytest.fixture
def judge_outlines() -> Callable[..., None]:
    """judge_outlines(found, right): both are names with shapes, and the same ones."""
    return agree_outlines


@pytest.fixture
def judge_dropout(student: Any, draws: Draws) -> Callable[..., None]:
    """judge_dropout(student, x, ("dropout",), "VGG", config): in training numbers are dropped, in evaluation none, and
    with the probabilities of these names at 0 none either. Each of several outputs is looked at.
    """
    seed = draws.integer(0, 2**20)

    def judge(student: Any, x: Tensor, names: tuple[str, ...], *built: Any, **options: Any) -> None:
        def changes(training: bool, probability: float) -> list[bool]:
            """Whether each output is another one the second time."""
            options_now = options | dict.fromkeys(names, probability)
            answers = student.probes.twice(x, training, seed, *built, **options_now)
            outputs = []
            for name in ("first", "second"):
                y = pick(answers, name, ("first", "second"))
                y = list(y) if isinstance(y, tuple | list) else [y]
                expect(all(isinstance(one, Tensor) for one in y), "there are no scores to look at")
                outputs.append(y)
            pairs = zip(*outputs, strict=False)
            return [one.shape != two.shape or not torch.equal(one, two) for one, two in pairs]

        expect(not any(changes(False, 0.5)), "in evaluation numbers are dropped")
        expect(not any(changes(True, 0.0)), "with probability 0 numbers are dropped")
        dropped = changes(True, 0.5)
        expect(bool(dropped) and dropped[0], "in training nothing is dropped")
        expect(all(dropped), "in training the auxiliary heads drop nothing")

    return judge
