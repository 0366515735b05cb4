"""What the checks of hw3_dropout share: bounds on what chance may do, and readings of what was drawn.

Nobody knows a submission's random numbers, so nothing here compares with numbers of the reference's: what was drawn is
read off the answer, and judged. A comparison with `is_likely` fails a correct solution with a probability of at most
FAILING on each side (Chernoff's bound, which holds for every n). Other comparisons with chance state theirs.

A bug costs once. `Dropout`, `sampled_ensemble` and `Augment` are made of the student's own functions. Where one of them
does not do as it should, it may still use these correctly: then it does, too, with functions that stand in for them.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from grader.judging.compare import compare, kind
from grader.suite import expect, is_excusable, passes, pick

FAILING = 1e-11


class Traits(NamedTuple):
    """What dropout did to x: "" where it is right, or what is wrong."""

    scale: str
    share: str


def _divergence(a: float, b: float) -> float:
    """Kullback and Leibler's, of coins that fall on heads with the probabilities a and b."""
    return sum(x * math.log(x / y) for x, y in ((a, b), (1 - a, 1 - b)) if x > 0)


@cache
def _bounds(n: int, probability: float) -> tuple[int, int]:
    """The smallest and the largest of the likely numbers of heads: P(K ≤ k) ≤ exp(−n · divergence(k/n, p)), and so on."""
    enough = math.log(1 / FAILING)
    low = next((k for k in range(int(n * probability), -1, -1) if n * _divergence(k / n, probability) >= enough), -1)
    high = next(
        (k for k in range(math.ceil(n * probability), n + 1) if n * _divergence(k / n, probability) >= enough), n + 1
    )
    return low + 1, high - 1


def _is_likely(count: int, n: int, probability: float) -> bool:
    if probability in (0, 1):
        return count == n * probability
    low, high = _bounds(n, probability)
    return low <= count <= high


@pytest.fixture
def is_likely():
    """is_likely(count, n, probability): whether so many of n independent events may have happened."""
    return _is_likely


@pytest.fixture
def vary(is_likely):
    """vary(counts, n, near): whether the heads among n fair coins, counted several times, are as often as by chance at
    most `near` away from n / 2. Fixed numbers of heads are so always, and coins that fall together too seldom.
    """

    def judge(counts: Tensor, n: int, near: int) -> bool:
        inside = [k for k in range(n + 1) if abs(k - n / 2) <= near]
        probability = sum(math.comb(n, k) for k in inside) / 2**n
        return is_likely(int(((counts - n / 2).abs() <= near).sum()), counts.numel(), probability)

    return judge


def _tensor(answer: Any, like: Tensor, name: str) -> Tensor:
    """The answer, if it is a finite tensor of this shape and dtype."""
    expect(isinstance(answer, Tensor), f"{name} is {kind(answer)}; a torch.Tensor is asked for")
    expect(answer.shape == like.shape, f"{name} has shape {tuple(answer.shape)}; {tuple(like.shape)} is asked for")
    expect(answer.dtype == like.dtype, f"{name} has dtype {answer.dtype}; {like.dtype} is asked for")
    expect(bool(torch.isfinite(answer).all()), f"{name} holds NaN or infinity")
    return answer


@pytest.fixture
def tensor():
    """tensor(answer, like, name): the answer, which has to be a finite tensor of this shape and dtype."""
    return _tensor


@pytest.fixture
def dropped():
    """dropped(module, x, …): y and mask of a `dropout_forward`, in their proper form."""

    def read(module: Any, x: Tensor, *args: Any, **options: Any) -> tuple[Tensor, Tensor]:
        answer = module.dropout_forward(x, *args, **options)
        expect(
            isinstance(answer, tuple | list) and len(answer) == 2,
            f"the result is {kind(answer)}; a tuple (y, mask) is asked for",
        )
        return _tensor(answer[0], x, "`y`"), _tensor(answer[1], torch.ones_like(x, dtype=torch.bool), "the mask")

    return read


def _scale(y: Tensor, x: Tensor, p: float) -> str:
    kept = y != 0
    if not bool(kept.any()):
        return "every element is dropped"
    ratio = (y / x)[kept]
    factor = float(ratio.double().mean())
    if not bool(((ratio - factor).abs() <= 1e-5 * abs(factor)).all()):
        return "the kept elements are not x, all multiplied by the same number"
    known = {
        "": 1 / (1 - p),
        "the kept elements are not divided by 1 − p but left as they are": 1,
        "the kept elements are not divided by 1 − p but multiplied by it": 1 - p,
        "the kept elements are not divided by 1 − p but by p": 1 / p,
        "the kept elements are not divided by 1 − p but multiplied by p": p,
        "the kept elements are not divided by 1 − p but by (1 − p)²": (1 - p) ** -2,
        "the kept elements are not divided by 1 − p but by its root": (1 - p) ** -0.5,
        "the kept elements are not divided by 1 − p but by the share that happens to be kept": 1 / kept.double().mean(),
    }
    other = "the kept elements are not divided by 1 − p but multiplied by some other number"
    return next((name for name, value in known.items() if abs(factor - value) <= 1e-5 * value), other)


def _share(kept: Tensor, p: float) -> str:
    number, n = int(kept.sum()), kept.numel()
    if _is_likely(n - number, n, p):
        return ""
    if number in (0, n):
        return "no element is dropped" if number else "every element is dropped"
    about = round(10 * (1 - number / n)) * 10
    return f"about {about}% of the elements are dropped with p = {p}"


def _traits(y: Tensor, x: Tensor, p: float) -> Traits:
    return Traits(_scale(y, x, p), _share(y != 0, p))


@pytest.fixture
def traits():
    """traits(y, x, p) of dropout in training."""
    return _traits


def _alike(kept: Tensor) -> list[bool]:
    """For each axis, whether a mask repeats itself along it."""
    halves = ((kept.narrow(axis, 0, size // 2), axis, size // 2) for axis, size in enumerate(kept.shape))
    return [torch.equal(first, kept.narrow(axis, half, half)) for first, axis, half in halves]


@pytest.fixture
def repetition():
    """repetition(kept): the sentence for a mask that repeats itself; "" for one that does not."""

    def read(kept: Tensor) -> str:
        if not bool(kept.any()) or bool(kept.all()):
            return "no element is dropped" if bool(kept.any()) else "every element is dropped"
        axes = ("images", "channels", "rows of pixels", "columns of pixels")
        names = [name for name, is_alike in zip(axes, _alike(kept), strict=True) if is_alike]
        return f"the masks of different {' and of different '.join(names)} are equal" if names else ""

    return read


@pytest.fixture
def big(common_draws):
    """100,000 numbers, none of them 0."""
    return common_draws.normal(40, 25, 10, 10, dtype=torch.float32)


@pytest.fixture
def needs_change(is_still):
    """needs_change(x, call, *args): what never changes x leaves it alone by no merit."""

    def judge(x: Tensor, call: Callable[..., Any], *args: Any) -> None:
        # one decision for a whole batch, another check's business, now and then changes nothing
        calls = (_tensor(call(x, *args), x, "the result") for _ in range(40))
        expect(not all(is_still(y, x) for y in calls), "nothing is ever changed")

    return judge


@pytest.fixture
def needs_zeros():
    """needs_zeros(module, x): a dropout_forward that never drops hands x on by no merit."""

    def judge(module: Any, x: Tensor) -> None:
        calls = (pick(module.dropout_forward(x, 0.5, True), "y", ("y", "mask")) for _ in range(40))
        expect(any(bool((_tensor(y, x, "`y`") == 0).any()) for y in calls), "no element is ever dropped")

    return judge


@pytest.fixture
def attempt():
    """attempt(function, *args): what it returns, or None where the submission fails."""

    def answer(function: Any, *args: Any) -> Any:
        found = []
        passes(lambda: found.append(function(*args)))
        return found[0] if found else None

    return answer


@pytest.fixture
def unless():
    """`with unless(is_wired):` passes what is wrong inside of it, if is_wired() says that it is another part's fault."""

    @contextlib.contextmanager
    def excuse(is_wired: Callable[[], bool]) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not is_excusable(error) or not is_wired():
                raise

    return excuse


@pytest.fixture
def forward_works(big, dropped, traits, repetition, same):
    """forward_works(module): whether its dropout_forward is right, so that nothing else is wrong by its fault. What
    stands in for it has no chance in it, and says nothing about what is wrong by chance alone.
    """

    def judge(module: Any) -> bool:
        wide = (big, big.flatten(2), big.double().flatten(1))
        return all(passes(partial(is_right, module, x)) for x in wide)

    def is_right(module: Any, x: Tensor) -> None:
        y, again = dropped(module, x, 0.3, True)[0], dropped(module, x, 0.3)[0]
        expect(not any((*traits(y, x, 0.3), *traits(again, x, 0.3))), "share or scale is wrong")
        expect(not torch.equal(y, again), "the mask is no other one")
        for axis, size in enumerate(y.shape):
            one, other = ((y != 0).narrow(axis, start, size // 2) for start in (0, size // 2))
            expect(abs(float((one == other).double().mean()) - 0.58) < 0.05, "elements are not dropped independently")
        expect(same(dropped(module, x, 0.3, False)[0], x) and same(dropped(module, x, 0.0)[0], x), "x is not left")

    return judge


@pytest.fixture
def wired_dropout(attempt, same, forward_works):
    """wired_dropout(module, p, *args): whether dropout_forward is wrong, and Dropout(*args) uses another that stands in
    for it as it should, with this p.
    """
    x = torch.arange(1.0, 25.0, dtype=torch.float64).reshape(2, 3, 2, 2)

    def judge(module: Any, p: float, *args: float) -> bool:
        if forward_works(module):
            return False
        found = attempt(module.probes.wired_dropout, x, *args)
        if not isinstance(found, tuple | list) or len(found) != 3:
            return False
        new, evaluated, again = found
        is_evaluated = same(evaluated, x) or same(evaluated, x * (7 + p))
        return is_evaluated and same(new, x * (2 + p)) and same(again, x * (2 + p))

    return judge


@pytest.fixture
def same():
    """same(answer, expected): whether they agree, as `agree` has it."""

    def agrees(answer: Any, expected: Any) -> bool:
        return compare(answer, expected) is None

    return agrees


@pytest.fixture
def is_still():
    """is_still(answer, x): whether nothing has happened to x but rounding."""

    def is_unchanged(answer: Any, x: Tensor) -> bool:
        if not isinstance(answer, Tensor) or answer.shape != x.shape:
            return False
        if not answer.is_floating_point() or not x.is_floating_point():
            return False
        return bool(((answer.double() - x.double()).abs() <= 1e-6).all())

    return is_unchanged
