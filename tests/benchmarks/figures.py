"""Draws the figures of the handouts of homework 1 and 3, light and dark, into their folders `figures/`."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from pathlib import Path

from tests.benchmarks.blocks import THEMES, Colours

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
CELL = 26  # pixels of a cell


class Canvas:
    """SVG elements, in pixels."""

    def __init__(self, width: float, height: float, title: str, colours: Colours) -> None:
        self.colours = colours
        size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
        tip = 'id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<defs><marker {tip}><path d="M0 0L8 4L0 8z" fill="{colours.ink}"/></marker></defs>',
        ]

    def text(self, x: float, y: float, text: str, anchor: str = "middle") -> None:
        """A line of text on the base line y."""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{self.colours.ink}">{escape(text)}</text>'
        )

    def cell(self, x: float, y: float, fill: str, text: str = "") -> None:
        """One pixel of an image."""
        ink = self.colours.ink
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{CELL}" fill="{fill}" stroke="{ink}" stroke-opacity="0.3"/>'
        )
        if text:
            self.text(x + CELL / 2, y + CELL / 2 + 4.5, text)

    def frame(self, x: float, y: float, columns: int, rows: int, dash: str = "") -> None:
        """A window of so many cells."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{columns * CELL}" height="{rows * CELL}" fill="none" '
            f'stroke="{self.colours.ink}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
        )

    def path(self, path: str, *, arrow: bool = True, dash: str = "") -> None:
        """A line, with a tip where it is an arrow."""
        tip = ' marker-end="url(#tip)"' if arrow else ""
        self.parts.append(
            f'<path d="{path}" fill="none" stroke="{self.colours.ink}" stroke-width="1.4" stroke-dasharray="{dash}"{tip}/>'
        )

    def svg(self) -> str:
        """The picture."""
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def windows(colours: Colours) -> str:
    """A 3×3 window with stride 2 on a 5×5 image with a border of zeros: four of its nine places, and the answer."""
    canvas = Canvas(540, 250, "A 3×3 window moves in steps of 2 over a 5×5 image with one row of zeros around", colours)
    left, top = 14, 34
    canvas.text(left + 3.5 * CELL, 22, "x, 5×5, with pad = 1")
    for row in range(7):
        for column in range(7):
            inside = 1 <= row <= 5 and 1 <= column <= 5
            fill = colours.weight if inside else colours.box
            canvas.cell(left + column * CELL, top + row * CELL, fill, "" if inside else "0")
    canvas.frame(left, top, 3, 3)
    canvas.frame(left + 2 * CELL, top, 3, 3, "5 4")
    canvas.frame(left + 4 * CELL, top + 4 * CELL, 3, 3)
    right = 340
    canvas.text(right + 1.5 * CELL, top + CELL + 14, "y, 3×3")
    for row in range(3):
        for column in range(3):
            marked = (row, column) in ((0, 0), (0, 1), (2, 2))
            canvas.cell(right + column * CELL, top + (row + 2) * CELL, colours.join if marked else colours.box)
    middle = top + 2.5 * CELL
    canvas.path(f"M{left + 3 * CELL:g} {top + 1.5 * CELL:g}C230 {top:g} 280 {top + CELL:g} {right + 10:g} {middle:g}")
    canvas.path(
        f"M{left + 7 * CELL:g} {top + 5.5 * CELL:g}C260 {top + 6 * CELL:g} 300 {middle + 2.4 * CELL:g} {right + 2 * CELL + 4:g} {middle + 2 * CELL:g}"
    )
    canvas.text(
        left,
        top + 7 * CELL + 22,
        "stride = 2: the dashed window is the second; neighbours overlap by one column",
        "start",
    )
    return canvas.svg()


def pooling(colours: Colours) -> str:
    """Overlapping pooling: a pixel that wins in two windows collects the gradient of both."""
    canvas = Canvas(580, 196, "Max pooling with k = 3 and stride 2: the 9 wins in both windows", colours)
    left, top = 14, 34
    values = [[1, 4, 2, 0, 3], [5, 2, 9, 1, 0], [0, 3, 1, 6, 2]]
    canvas.text(left + 2.5 * CELL, 22, "x")
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            canvas.cell(
                left + column * CELL, top + row * CELL, colours.join if value == 9 else colours.weight, str(value)
            )
    canvas.frame(left, top, 3, 3)
    canvas.frame(left + 2 * CELL, top, 3, 3, "5 4")
    canvas.text(220, 22, "y")
    canvas.text(360, 22, "dout")
    for column in range(2):
        canvas.cell(194 + column * CELL, top + CELL, colours.join, "9")
        canvas.cell(334 + column * CELL, top + CELL, colours.box, "ab"[column])
    canvas.path(f"M{left + 5 * CELL + 6:g} {top + 1.5 * CELL:g}H188")
    canvas.text(420, 22, "dx", "start")
    canvas.text(414, top + 1.5 * CELL + 5, "a + b where the 9 is,", "start")
    canvas.text(414, top + 1.5 * CELL + 22, "0 elsewhere", "start")
    canvas.text(
        left,
        top + 3 * CELL + 26,
        "k = 3, stride = 2: the windows share a column. Its 9 is the largest of both,",
        "start",
    )
    canvas.text(left, top + 3 * CELL + 44, "so both gradients, a and b, go to it.", "start")
    return canvas.svg()


def rotation(colours: Colours) -> str:
    """The axes of an image, and which way a positive angle turns it."""
    canvas = Canvas(
        560, 236, "Columns grow to the right, rows grow downwards, and the image turns about its centre", colours
    )
    left, top = 60, 40
    for row in range(5):
        for column in range(5):
            canvas.cell(left + column * CELL, top + row * CELL, colours.weight)
    centre_x, centre_y = left + 2.5 * CELL, top + 2.5 * CELL
    canvas.path(f"M{left:g} {top - 12:g}H{left + 5 * CELL + 16:g}")
    canvas.text(left + 5 * CELL + 22, top - 8, "column j", "start")
    canvas.path(f"M{left - 12:g} {top:g}V{top + 5 * CELL + 16:g}")
    canvas.text(left - 12, top + 5 * CELL + 32, "row i")
    canvas.parts.append(f'<circle cx="{centre_x:g}" cy="{centre_y:g}" r="4" fill="{colours.ink}"/>')
    radius, angle = 2 * CELL, math.radians(40)
    start, end = (
        (centre_x + radius, centre_y),
        (
            centre_x + radius * math.cos(angle),
            centre_y - radius * math.sin(angle),
        ),
    )
    canvas.path(f"M{centre_x:g} {centre_y:g}H{start[0]:g}", arrow=False, dash="4 3")
    canvas.path(f"M{centre_x:g} {centre_y:g}L{end[0]:g} {end[1]:g}", arrow=False, dash="4 3")
    canvas.path(f"M{start[0]:g} {start[1]:g}A{radius:g} {radius:g} 0 0 0 {end[0]:g} {end[1]:g}")
    canvas.text(270, top + 52, "The dot is the centre, at row (H − 1)/2", "start")
    canvas.text(270, top + 70, "and column (W − 1)/2. A positive angle", "start")
    canvas.text(270, top + 88, "turns the picture counter-clockwise,", "start")
    canvas.text(270, top + 106, "as it is looked at.", "start")
    return canvas.svg()


FIGURES: dict[str, dict[str, Callable[[Colours], str]]] = {
    "hw1_conv": {"windows": windows, "pooling": pooling},
    "hw3_dropout": {"rotation": rotation},
}


def main() -> None:
    """Write every figure in both colours."""
    for homework, figures in FIGURES.items():
        folder = ASSIGNMENTS / homework / "figures"
        folder.mkdir(exist_ok=True)
        for name, figure in figures.items():
            for suffix, colours in THEMES.items():
                (folder / f"{name}{suffix}.svg").write_text(figure(colours), "utf-8")


if __name__ == "__main__":
    main()
