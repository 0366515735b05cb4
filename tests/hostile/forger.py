"""`python -m tests.hostile.forger`: guests that are wholly an attacker's, and answer the judge whatever they like.

A submission that has taken its fork over need not call anything: it can answer every question, staff's probes too, with
any value that the wire carries. So here a right (or a wrong) solution is graded, and some of its answers are changed on
the way to the judge. Such a submission may fail, crash or run out of time; where a check ends as the grader's fault, the
suite takes the form of an answer for granted. Prints those, and ends with exit code 1 if there are any.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.commands.selfcheck.known import submission_of
from grader.errors import StudentError
from grader.guest import codec
from grader.homework import Homework, homework_names, load_homework
from grader.judging import session
from grader.judging.training import Trainings
from grader.outcome import Grading, Outcome, Verdict
from grader.sandbox.fork import Fork
from grader.sandbox.opening import open_sandbox
from grader.sandbox.zygote import Zygote
from grader.seed import Seed
from tests.benchmarks.speed import ROOT

_LAST: list[Any] = [None]  # what was odd last comes again: two answers that are alike lead further than any one
SHARES = (0.03, 0.1, 0.3, 1.0)  # of the answers that are changed: a few, so that a check goes on, up to all
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    3,
    2**62,
    0.5,
    float("nan"),
    float("inf"),
    "",
    "weight",
    (),
    [],
    {},
    [[]],
    {1: None, None: 2, "weight": []},
    torch.empty(0),
    torch.tensor(1.0),
    torch.tensor(True),
    torch.zeros(1, 0, 3),
    torch.full((2, 3), float("nan"), dtype=torch.float16),
    torch.ones(1, 1, 1, 1, 1, 1, 1, 1, dtype=torch.complex64),
    np.float64(2.5),
    np.zeros((2, 0)),
    np.arange(3),
    {"x": torch.ones(2)},
    [torch.ones(8)] * 300,
    "x" * 200_000,
    torch.ones(4, 1),
    torch.ones(1, 5),
    torch.zeros(1_000_000, dtype=torch.int8),
    torch.zeros(3, dtype=torch.bool),
    torch.zeros(4, dtype=torch.complex128),
    codec.Opaque(1, "Tensor"),
    codec.Opaque(10**6, "ResNet"),
)


def forge(draw: random.Random, value: Any) -> Any:
    """Another value: something else altogether, or the same one with a change, somewhere inside it."""
    if draw.random() < 0.3:
        return _odd(draw, value)
    match value:
        case Tensor() if draw.random() < 0.8:
            return _other_tensor(draw, value)
        case list() | tuple() if value:
            items = list(value)
            at = draw.randrange(len(items))
            items[at : at + 1] = draw.choice([[], [items[at]] * 2, *[[forge(draw, items[at])]] * 4])
            return draw.choice([tuple, list, type(value)])(items)
        case dict() if value:
            key = draw.choice(list(value))
            rest = {name: item for name, item in value.items() if name != key}
            return draw.choice([rest, value | {0: 0}, *[rest | {key: forge(draw, value[key])}] * 4])
        case bool():
            return not value
        case int() | float():
            return draw.choice([value + 1, -value, float(value), 0])
    return _odd(draw, value)


def _odd(draw: random.Random, value: Any) -> Any:
    odd = _LAST[0] = _LAST[0] if draw.random() < 0.4 else draw.choice(ODD)
    return draw.choice([odd, odd, odd, (value,), [value, value], (value, odd), (odd, value), {"x": value}, {"x": odd}])


def _other_tensor(draw: random.Random, value: Tensor) -> Tensor:
    changes = [
        lambda: value.to(draw.choice([dtype for dtype, _ in codec.DTYPES])),
        lambda: value.unsqueeze(0) if value.dim() < codec.MAX_RANK else value,
        value.flatten,
        lambda: value[:0] if value.dim() else value,
        lambda: value[..., :1] if value.dim() else value,
        lambda: value.mT if value.dim() > 1 else value,
        value.sum,
        lambda: torch.zeros_like(value),
        lambda: value + 1 if value.dtype is not torch.bool else ~value,
        lambda: (
            torch.full_like(value, draw.choice([float("nan"), float("inf"), 1e300]))
            if value.dtype is torch.float64
            else value.double()
        ),
    ]
    changed: Tensor = draw.choice(changes)()
    return changed


@contextlib.contextmanager
def forging(draw: random.Random, shares: Sequence[float]) -> Iterator[list[Any]]:
    """Meanwhile, the first of these shares of all answers is changed before the judge decodes them, exceptions too.

    Yields what was put in their place. `shares` may be changed meanwhile.
    """
    honest, forged = Fork.ask, []
    _LAST[0] = None  # so that a seed gives the same forgeries again

    def instead(value: Any, changed: list[str]) -> codec.Frame:
        forged.append(value)
        return _framed(value, changed)

    def ask(self: Fork, request: bytes, seconds: float, **options: Any) -> codec.Frame:
        try:
            frame = honest(self, request, seconds, **options)
        except StudentError:
            if not self.alive or draw.random() >= shares[0]:
                raise
            return instead(draw.choice(ODD), [])
        body = frame.body
        if not isinstance(body, codec.Answer) or "import" in options.get("limit", "") or draw.random() >= shares[0]:
            return frame
        return instead(forge(draw, frame.value(body.value)), body.changed)

    Fork.ask = ask  # type: ignore[method-assign]
    try:
        yield forged
    finally:
        Fork.ask = honest  # type: ignore[method-assign]


def _framed(value: Any, changed: list[str]) -> codec.Frame:
    packer = codec.Packer()
    sent = codec.encode(codec.Answer(packer.pack(value), changed), packer)
    envelope, _ = codec.sizes(sent[: codec.HEADER.size], len(sent))
    at = codec.HEADER.size + envelope
    return codec.Frame(sent[codec.HEADER.size : at], bytearray(sent[at:]))


def attack(
    homework: Homework, zygote: Zygote, draw: random.Random, works: Sequence[tuple[float, str]]
) -> tuple[list[Outcome], int]:
    """Grade each source, with its share of answers changed. Returns the checks that end as the grader's fault, and how
    many answers were changed.
    """
    seed = Seed(draw.randbytes(16))
    usual = Trainings.calibrated(homework, seed)
    quick = replace(usual, specs={name: spec.model_copy(update={"epochs": 1}) for name, spec in usual.specs.items()})
    graded: list[Grading] = []
    shares = [share for share, _ in works] + [0.0]
    submissions = [submission_of(homework, f"s{i}", source) for i, (_, source) in enumerate(works)]

    def note(grading: Grading) -> None:
        graded.append(grading)
        del shares[0]

    with forging(draw, shares) as forged:
        session.grade(homework, submissions, zygote, on_graded=note, seed=seed, trainings=quick)
    return [one for grading in graded for one in grading.outcomes if one.verdict is Verdict.INFRA], len(forged)


def main() -> int:
    """Attack, print what ended as the grader's fault, and say by the exit code whether there was any."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("homework", nargs="*", help="all of them, if none is named")
    parser.add_argument("-n", type=int, default=5, help="rounds")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    names = homework_names(ROOT)
    if unknown := [name for name in options.homework if name not in names]:
        parser.error(f"no homework is called {', '.join(unknown)}: {', '.join(names)}")
    seen: set[str] = set()
    for name in options.homework or names:
        homework = load_homework(ROOT, name)
        draw = random.Random(f"{name} {options.seed}")
        faults = forged = 0
        with open_sandbox(homework.assignment) as zygote:
            for _ in range(options.n):
                wrong = homework.wrong_source([draw.choice(homework.mistakes)])
                both = (homework.reference_source, wrong)
                found, count = attack(homework, zygote, draw, [(share, one) for share in SHARES for one in both])
                faults, forged = faults + len(found), forged + count
                for outcome in found:
                    end = "\n".join(outcome.staff_detail.strip().splitlines()[-7:])
                    if end not in seen:
                        seen.add(end)
                        print(f"\n{name} {outcome.check.name}\n{end}", flush=True)
        gradings = options.n * len(SHARES) * 2
        print(
            f"{name}: {gradings} gradings, {forged} answers changed; {faults} checks ended as the grader's fault",
            flush=True,
        )
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
