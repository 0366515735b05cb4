"""The class page's pictures: scores, verdicts, and the checks' difficulty against their discrimination."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from grader.gradebook.drawing import COLOUR, canvas, svg
from grader.gradebook.statistics import Analysis
from grader.outcome import Verdict
from grader.report.looks import LOOK
from grader.report.text import count, plain, points

WIDTH, HEIGHT = 440, 250  # pixels: readable on a telephone, where pictures shrink to nine tenths
ROW = 34  # pixels of a part's bar
WIDE = 900  # pixels; on a telephone this one scrolls
BINS = 20
POINTED_AT = 400  # students; with more, columns are too narrow to point at
WEAK = 0.1  # a discrimination below this is one to look at (Ebel and Frisbie's rule says 0.2 for exams)


def histogram(scores: Sequence[float], max_score: float, name: str, parts: int = 0) -> Markup:
    """How many students have how many points, in 20 equal steps; scores beyond the ends are in the last ones.

    It is as high as the `verdicts` of so many parts, beside which it stands.
    """
    step = max_score / BINS
    counts = [0] * BINS
    for score in scores:
        counts[min(max(int(score / step + 1e-9), 0), BINS - 1)] += 1
    titles = {}
    with canvas(WIDTH, max(HEIGHT, ROW * parts + 70)) as (figure, axes):
        for i, number in enumerate(counts):
            if number:
                axes.bar(i * step, number, width=step * 0.9, align="edge", color=COLOUR["good"], gid=f"bar-{i}")
                last = f"{points(max_score)} or more" if i == BINS - 1 else f"under {points((i + 1) * step)}"
                titles[f"bar-{i}"] = f"{count(number, 'student')}: {points(i * step)} to {last} points"
        mean = sum(scores) / len(scores)
        axes.axvline(mean, color=COLOUR["ink"], linewidth=1.2, linestyle=(0, (3, 3)))
        right = mean < 0.7 * max_score
        axes.annotate(
            f"mean {mean:.1f}",
            (mean, 1),
            xytext=(5 if right else -5, -2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
            color=COLOUR["ink"],
        )
        axes.set(xlim=(0, max_score), xlabel="points", ylabel="students")
        axes.set_ylim(0, max(counts) * 1.18)
        axes.yaxis.get_major_locator().set_params(integer=True)
        return svg(figure, f"Scores of {name}: {count(len(scores), 'student')}, mean {mean:.1f}", titles)


def verdicts(analysis: Analysis, name: str) -> Markup:
    """For each part, the share of each verdict in its checks."""
    titles = {}
    parts = analysis.parts[::-1]
    with canvas(WIDTH, max(120, ROW * len(parts) + 40)) as (figure, axes):
        for row, part in enumerate(parts):
            left = 0.0
            for verdict, share in part.verdicts.items():
                gid = f"part-{row}-{verdict.value}"
                axes.barh(row, share, left=left, height=0.62, color=COLOUR[LOOK[verdict].chart], gid=gid)
                titles[gid] = f"{plain(part.name)}: {share:.1%} {LOOK[verdict].tally}"
                left += share
        axes.set_yticks(range(len(parts)), [plain(part.name, one_line=True) for part in parts], color=COLOUR["ink"])
        axes.set(xlim=(0, 1), xlabel="share of the checks")
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25%", "50%", "75%", "100%"])
        axes.spines[["left", "bottom"]].set_visible(False)
        return svg(figure, f"Verdicts of {name} by part", titles)


def items(analysis: Analysis, name: str) -> Markup:
    """Every check that has a discrimination: how hard it is against how well it tells strong work from weak."""
    drawn = [item for item in analysis.checks if item.discrimination is not None and item.difficulty is not None]
    lowest = min((item.discrimination or 0.0 for item in drawn), default=0.0)
    titles = {}
    with canvas(WIDTH, HEIGHT + 20) as (figure, axes):
        axes.axhline(0, color=COLOUR["muted"], linewidth=0.8)
        axes.axhline(WEAK, color=COLOUR["line"], linewidth=0.8, linestyle=(0, (3, 3)))
        for i, item in enumerate(drawn):
            assert item.discrimination is not None
            assert item.difficulty is not None
            colour = COLOUR["bad" if item.discrimination < WEAK else "good"]
            axes.plot(
                item.difficulty,
                item.discrimination,
                "o",
                color=colour,
                alpha=0.65,
                markersize=7,
                markeredgewidth=0,
                gid=f"check-{i}",
            )
            titles[f"check-{i}"] = (
                f"{plain(item.part)}: {plain(item.name)}\ndifficulty {item.difficulty:.2f}, "
                f"discrimination {item.discrimination:.2f}\n{plain(item.sentence)}"
            )
        axes.set(xlim=(-0.03, 1.03), ylim=(min(-0.1, lowest - 0.08), 1.05))
        axes.set(xlabel="difficulty: share of the points  (hard → easy)", ylabel="discrimination")
        return svg(figure, f"Difficulty against discrimination of {name}: {count(len(drawn), 'check')}", titles)


def heat(shares: Sequence[Sequence[float | None]], parts: Sequence[str], students: Sequence[str], name: str) -> Markup:
    """Parts × students: how much of each part's points each student has (0 to 1), darker where more is lost.

    `shares` has a row per student, in the order in which they are drawn from left to right; None is left blank.
    """
    titles = {}
    with canvas(WIDE, 26 * len(parts) + 46) as (figure, axes):
        for row, _ in enumerate(parts):
            for level, runs in _runs([_level(own[row]) for own in shares]).items():
                axes.broken_barh(runs, (row - 0.46, 0.92), facecolor=COLOUR[f"l{level}"], linewidth=0)
        if len(students) <= POINTED_AT:
            for i, student in enumerate(students):
                axes.bar(i, len(parts), 1, -0.5, align="edge", color=COLOUR["ink"], alpha=0, gid=f"student-{i}")
                titles[f"student-{i}"] = student
        axes.set(xlim=(0, max(len(shares), 1)), ylim=(len(parts) - 0.4, -0.6), xlabel="students, weakest to strongest")
        axes.set_yticks(range(len(parts)), [plain(part, one_line=True) for part in parts], color=COLOUR["ink"])
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.spines[["left", "bottom"]].set_visible(False)
        return svg(figure, f"Points by part and student of {name}", titles)


def _level(share: float | None) -> int | None:
    """0 for all points, then 1 to 9 by how much is lost."""
    if share is None:
        return None
    return 0 if share >= 1 - 1e-9 else max(1, min(9, round(9 * (1 - share))))


def _runs(levels: Sequence[int | None]) -> dict[int, list[tuple[int, int]]]:
    """Level → where it stands, neighbours together: (start, length)."""
    runs: dict[int, list[tuple[int, int]]] = {}
    place = 0
    for level, group in groupby(levels):
        length = sum(1 for _ in group)
        if level is not None:
            runs.setdefault(level, []).append((place, length))
        place += length
    return runs


def legend(analysis: Analysis) -> list[tuple[str, str]]:
    """The verdicts that occur: the page's colour and the word."""
    found = {verdict for part in analysis.parts for verdict in part.verdicts}
    return [(LOOK[verdict].chart, LOOK[verdict].tally) for verdict in Verdict if verdict in found]
