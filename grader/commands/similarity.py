"""Which submissions share more than starter and reference explain.

Code is compared by structure: copydetect (winnowing, the algorithm behind MOSS) reads it into tokens with Pygments'
lexer, calls every name V and every text S, drops comments and blanks, and looks for equal runs of what is left.
Nothing of a student's is imported, parsed or run.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from grader.homework import Homework
from grader.intake.submission import Submission

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

RUN = 35  # characters of structure that make a match, about one and a half lines
LEAST = 500  # characters of structure that two must share to be listed: some twenty lines
SHARE = 0.3  # of the smaller one's own structure
LARGEST = 200_000  # characters of a submission that are looked at


@dataclass(frozen=True)
class Work:
    """One submission's code as one text, a header line before each of its files."""

    name: str
    text: str
    cut: bool = False  # whether it is longer than what is looked at

    @property
    def lines(self) -> list[str]:
        """The text's lines."""
        return self.text.split("\n")


@dataclass(frozen=True)
class Pair:
    """Two submissions and what they share beyond starter and reference."""

    first: Work
    second: Work
    shared: int  # characters of structure
    share: float  # of the smaller one's own structure, 0 to 1
    first_lines: frozenset[int]  # from 1: the lines that are shared
    second_lines: frozenset[int]


def known_sources(homework: Homework) -> list[str]:
    """What students may share for good reason, or what is no student's: every starter file and the reference."""
    starters = [(homework.public / file).read_text("utf-8") for file in homework.assignment.files]
    return [*starters, *(path.read_text("utf-8") for path in sorted(homework.reference.glob("*.py")))]


def work(submission: Submission) -> Work:
    """A submission's files as one text with plain line ends, cut to what is looked at."""
    texts = []
    for path, content in submission.files.items():
        text = "\n".join(content.decode("utf-8-sig", "replace").splitlines()).strip("\n")
        texts.append(f"# ---- {path}\n{text}" if len(submission.files) > 1 else text)
    whole = "\n".join(texts)
    return Work(submission.name, whole[:LARGEST], len(whole) > LARGEST)


def similar(works: Sequence[Work], known: Iterable[str], share: float = SHARE) -> list[Pair]:
    """The pairs that share at least `LEAST` characters of structure and that share of the smaller one, most first."""
    from copydetect import compare_files

    explained: set[int] = set()
    for source in known:
        explained |= _fingerprint(source).hashes
    prints = [_own(_fingerprint(one.text), explained) for one in works]
    pairs = []
    for (one, a), (two, b) in combinations(zip(works, prints, strict=True), 2):
        if a.token_coverage < LEAST or b.token_coverage < LEAST:
            continue
        shared, shares, (left, right) = compare_files(a, b)
        if shared >= LEAST and max(shares) >= share:
            part = min(float(max(shares)), 1.0)
            pairs.append(Pair(one, two, int(shared), part, _lines(one.text, left), _lines(two.text, right)))
    return sorted(pairs, key=lambda pair: (-pair.share, -pair.shared, pair.first.name, pair.second.name))


def _fingerprint(source: str) -> CodeFingerprint:
    import numpy as np
    from copydetect import CodeFingerprint

    # A window of 1 keeps every fingerprint: which ones a wider window keeps would depend on Python's hash seed.
    made = CodeFingerprint("code.py", RUN, 1, fp=io.StringIO(source))
    if len(made.offsets):
        made.offsets[:, 1] = np.maximum.accumulate(made.offsets[:, 1])  # copydetect 0.5 forgets the sum at class names
    return made


def _own(made: CodeFingerprint, explained: set[int]) -> CodeFingerprint:
    """The fingerprint without what is explained. copydetect's own option for it drops what occurs twice, too."""
    from copydetect.utils import get_token_coverage

    made.hash_idx = {key: places for key, places in made.hash_idx.items() if key not in explained}
    made.hashes = set(made.hash_idx)
    made.token_coverage = get_token_coverage(made.hash_idx, made.k, len(made.filtered_code))
    return made


def _lines(text: str, slices: Any) -> frozenset[int]:
    """The lines that these slices (2 × n: starts, ends) of a text touch, from 1; blank ones do not count."""
    numbers: set[int] = set()
    for start, end in zip(*slices.astype(int).tolist(), strict=True):
        first = text.count("\n", 0, start) + 1
        numbers.update(range(first, first + text.count("\n", start, max(end - 1, start)) + 1))
    written = {number for number, line in enumerate(text.split("\n"), start=1) if line.strip()}
    return frozenset(numbers & written)
