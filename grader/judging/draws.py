"""Random inputs, drawn once per run: every submission gets the same tensors, as the same objects.

What a check draws depends on the run's seed, on the check and on what it drew before, and on nothing else. So each draw
is remembered by its place in that sequence. Submissions may differ (a check that fails early draws less): the places
form a tree, and the first submission that reaches a place draws there.

Sharing the objects saves more than the drawing: what was encoded for the wire, or answered by the reference, is found
again by the identity of its arguments. Do not change them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor

from grader.judging.trees import parts
from grader.seed import Seed

T = TypeVar("T")
V = TypeVar("V", bool, int, float, str)
PLACES = 4096  # remembered in a run; a suite that draws to fit students' answers comes to new ones without end
KEPT = frozenset({int, str, bool, type(None)})
RECENT_CAP = 64 << 20  # bytes


@dataclass
class Place:
    """One point in the sequence of a check's draws: what was drawn there, and where the sequence goes on."""

    value: Any = None
    state: Tensor | None = None  # of the generator, after the draw
    end: Place | None = None  # of something remembered: where what was drawn for it ended
    following: dict[Any, Place] = field(default_factory=dict)


class Recent:
    """What was made lately, by a key, up to so many bytes: a class hands in answers of its own without end."""

    def __init__(self, cap: int = RECENT_CAP) -> None:
        self._cap = cap
        self._size = 0
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def __contains__(self, key: Any) -> bool:
        return key in self._kept

    def get(self, key: Any) -> Any:
        """What is kept by this key, or None."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def keep(self, key: Any, value: Any, size: int) -> None:
        """Keep a value of so many bytes; what was not asked for longest goes."""
        self._kept[key] = value, size
        self._size += size
        while self._size > self._cap and self._kept:
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= gone


class Memory:
    """The draws of one run."""

    def __init__(self) -> None:
        self.recent = Recent()
        self._beginnings: dict[int, Place] = {}
        self._tensors: dict[int, Tensor] = {}
        self._places = 0

    def draws(self, seed: int, own: Own | None = None) -> Draws:
        """The random inputs of one check, from their beginning. `own`: the values of who is graded."""
        return Draws(self, seed, self._beginnings.setdefault(seed, Place()), own)

    def name(self, *values: Any) -> tuple[Any, ...] | None:
        """A key for arguments that are remembered tensors and plain values; None where others are among them."""
        names: list[Any] = []
        for value in values:
            kind = type(value)
            if kind is Tensor:
                if id(value) not in self._tensors:
                    return None
                names.append((id(value),))
            elif kind in KEPT:
                names.append((kind, value))
            elif kind is float:
                names.append(repr(value))  # 0.0 is not −0.0, and NaN is NaN
            elif kind is tuple or kind is dict:
                inner = self.name(*value) if kind is tuple else self.name(*value.keys(), *value.values())
                if inner is None:
                    return None
                names.append((kind, inner))
            else:
                return None
        return tuple(names)

    def _step(self, place: Place, key: Any) -> tuple[Place, bool]:
        """The place that follows, and whether it is new."""
        known = place.following.get(key)
        if known is not None:
            return known, False
        new = Place()
        if self._places < PLACES:
            self._places += 1
            place.following[key] = new
        return new, True

    def _keep(self, value: Any) -> None:
        """Have the tensors in `value` known by their identity, which lasts as long as they are kept."""
        if self._places >= PLACES:
            return
        self._tensors |= {id(part): part for part in parts(value) if isinstance(part, Tensor)}


class Own:
    """The values that are drawn for one student, or one team: by the run's seed, their ids and the value's name."""

    def __init__(self, seed: Seed, whose: str = "") -> None:
        self.drawn: dict[str, Any] = {}
        self._seed = seed
        self._whose = whose

    def integer(self, name: str, low: int, high: int) -> int:
        """One of low, low + 1, …, high. Raises `ValueError` where the name had another range before."""
        number = low + self._seed.number(f"{name} from {low} to {high} for {self._whose}") % (high - low + 1)
        return self._noted(name, number)

    def choice(self, name: str, options: Sequence[V]) -> V:
        """One of these. Raises `ValueError` where there are none, or where the name had other ones before."""
        if not options:
            raise ValueError(f"draws.for_student: there is nothing to choose {name!r} from")
        return self._noted(
            name, options[self._seed.number(f"{name} of {list(options)!r} for {self._whose}") % len(options)]
        )

    def _noted(self, name: str, value: V) -> V:
        if self.drawn.setdefault(name, value) != value:
            raise ValueError(f"draws.for_student: {name!r} is asked for in two ranges")
        return value


class ForStudent:
    """What a check asks for a student's own values with: `draws.for_student`."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws

    def integer(self, name: str, low: int, high: int) -> int:
        """One of low, low + 1, …, high: the same in every check that asks for this name; the report says it."""
        return self._draws._of_own(name, lambda own: own.integer(name, low, high))  # noqa: SLF001 - one file's friends

    def choice(self, name: str, options: Sequence[V]) -> V:
        """One of these words or numbers: `choice("stride", (1, 2, 4))`. Otherwise as `integer`."""
        return self._draws._of_own(name, lambda own: own.choice(name, options))  # noqa: SLF001 - as above


class Draws:
    """The random inputs of one check, in the order in which it asks for them."""

    def __init__(self, memory: Memory, seed: int, beginning: Place, own: Own | None = None) -> None:
        self._own = own or Own(Seed(b""))  # nobody's
        self._memory = memory
        self._place = beginning
        self._generator = torch.Generator()
        self._seed = seed
        self._at: Place | None = None  # where the generator stands

    def normal(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """A tensor from the standard normal distribution, drawn in float64 whatever its dtype."""

        def draw() -> Tensor:
            return torch.randn(shape, generator=self._generator, dtype=torch.float64).to(dtype)

        value: Tensor = self._draw(("normal", shape, dtype), draw)
        return value

    def integer(self, low: int, high: int) -> int:
        """One of low, low + 1, …, high."""
        value: int = self._draw(
            ("integer", low, high), lambda: int(torch.randint(low, high + 1, (), generator=self._generator))
        )
        return value

    @property
    def for_student(self) -> ForStudent:
        """Values that differ from student to student."""
        return ForStudent(self)

    def _of_own(self, name: str, ask: Callable[[Own], V]) -> V:
        # What comes after it may depend on it, so it is a place of its own in the sequence.
        value = ask(self._own)
        self._draw(("for student", name, value), lambda: value)
        return value

    def remember(self, make: Callable[[], T]) -> T:
        """What `make` returns, which must depend on draws and constants alone: inputs that are computed from draws."""
        place, is_new = self._memory._step(self._place, "remember")  # noqa: SLF001 - one file's friends
        if is_new or place.end is None:  # it was begun before, and raised
            self._stand_at(self._place)
            place.state = self._generator.get_state()
            self._place = self._at = place
            place.value = make()
            place.end = self._place
            self._memory._keep(place.value)  # noqa: SLF001 - as above
        self._place = place.end
        value: T = place.value
        return value

    def _draw(self, key: Any, draw: Callable[[], Any]) -> Any:
        place, is_new = self._memory._step(self._place, key)  # noqa: SLF001 - as above
        if is_new:
            self._stand_at(self._place)
            place.value = draw()
            place.state = self._generator.get_state()
            self._at = place
            self._memory._keep(place.value)  # noqa: SLF001 - as above
        self._place = place
        return place.value

    def _stand_at(self, place: Place) -> None:
        if self._at is not place:
            if place.state is None:
                self._generator.manual_seed(self._seed)
            else:
                self._generator.set_state(place.state)
        self._at = place
