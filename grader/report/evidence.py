"""Evidence in words: the same facts for every format, and the error map as a drawing in characters."""

from __future__ import annotations

import math

from grader.outcome import Evidence
from grader.report.text import TIMES

LEVELS = "· is within tolerance, 1 to 3 rounding, 4 to 6 nearly right, 7 to 9 wrong"  # of an error map
Map = tuple[tuple[int, ...], ...]


def facts(evidence: Evidence) -> list[tuple[str, str]]:
    """What is known of a wrong tensor, as (label, value) in reading order."""
    rows = [("Output", evidence.output)] if evidence.output else []
    rows.append(("Shape", _versus(shape(evidence.shape), shape(evidence.expected_shape))))
    rows.append(("Dtype", _versus(evidence.dtype, evidence.expected_dtype)))
    if evidence.wrong_share is not None:
        rows.append(("Wrong elements", share(evidence.wrong_share)))
    if evidence.largest_error is not None:
        at = f" at index {shape(evidence.largest_error_at)}" if evidence.largest_error_at else ""
        rows.append(("Largest error", size(evidence.largest_error) + at))
    if evidence.error_over_tolerance is not None:
        rows.append(("Error ÷ tolerance", size(evidence.error_over_tolerance)))
    if evidence.fact:
        rows.append(("Measured", evidence.fact))
    if evidence.error_map:
        rows.append(("Where", place(evidence.error_map)))
    return rows


def shape(sizes: tuple[int, ...]) -> str:
    """As Python writes a tuple: "(3, 2, 7, 8)", "(7,)", "()"."""
    return str(tuple(sizes))


def share(part: float) -> str:
    """A share of elements, 0 to 1, in per cent; never "0 %" of what is not nothing nor "100 %" of what is not all."""
    if part in (0, 1):
        return "none" if part == 0 else "all"
    if part < 0.01:
        return f"{part:.2%}" if part >= 0.0001 else "under 0.01%"
    return f"{part:.0%}" if part < 0.995 else "over 99%"


def size(error: float) -> str:
    """An error to three digits: "0.0123", "4.6" times a power of ten; "infinite" for NaN and infinite answers."""
    if not math.isfinite(error):
        return "infinite"
    if error == 0 or 1e-3 <= abs(error) < 1e5:
        return f"{error:.3g}" if abs(error) < 999 else f"{error:,.0f}"
    digits, exponent = f"{error:.1e}".split("e")
    return f"{digits} {TIMES} 10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def place(levels: Map) -> str:
    """Where an error map is wrong, in a few words, if it has a simple answer; else how many of its cells are."""
    wrong = {(y, x) for y, row in enumerate(levels) for x, level in enumerate(row) if level > 0}
    rows, columns = len(levels), max(map(len, levels))
    border = {(y, x) for y in range(rows) for x in range(columns) if y in (0, rows - 1) or x in (0, columns - 1)}
    if len(wrong) == rows * columns:
        return "everywhere"
    if len(wrong) == 1:
        ((y, x),) = wrong
        return f"only in one cell: row {y}, column {x}" if rows > 1 else f"only in one cell: number {x}"
    if rows > 2 and columns > 2 and wrong == border:
        return "only along the border"
    if rows > 2 and columns > 2 and wrong and not wrong & border:
        return "only inside, nowhere along the border"
    for name, indices in (("row", {y for y, _ in wrong}), ("column", {x for _, x in wrong})):
        if len(indices) == 1 and rows > 1:
            return f"only in {name} {indices.pop()}"
    return f"in {len(wrong)} of {rows * columns} cells of the map"


def cell(evidence: Evidence) -> tuple[int, int]:
    """How many (rows, columns) of the tensor one cell of the error map stands for."""
    plane = (1, 1, *evidence.expected_shape)[-2:]
    rows, columns = len(evidence.error_map), max(map(len, evidence.error_map))
    return -(-plane[0] // rows), -(-plane[1] // columns)


def drawing(levels: Map) -> str:
    """The error map for formats without pictures: a dot within tolerance, else the level 1 to 9."""
    return "\n".join(" ".join("·" if level == 0 else str(level) for level in row) for row in levels)


def _versus(answer: str, expected: str) -> str:
    return answer if answer == expected else f"{answer}, expected {expected}"


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
