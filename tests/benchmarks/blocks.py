"""Draws the blocks in the handouts of homework 5 and 6, light and dark, into their folders `blocks/`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 150, 30, 22, 26, 14  # pixels: of a box, between boxes, around the picture
LETTER = 7.2  # pixels, about, of a letter


@dataclass(frozen=True)
class Colours:
    """Of one picture; the ground is the page's."""

    ink: str
    box: str
    join: str
    weight: str


THEMES = {
    "": Colours(ink="#1f2328", box="#eef1f4", join="#fff4d6", weight="#dbeafe"),
    "-dark": Colours(ink="#e6edf3", box="#21262d", join="#4a3b12", weight="#12355f"),
}


@dataclass(frozen=True)
class Box:
    """At a column and a row, halves too. `kind`: "weight" has weights, "join" joins, "" is text without a box."""

    column: float
    row: float
    text: str
    kind: str = "weight"


Arrow = tuple[int, int] | tuple[int, int, str]  # from a box to a box, by their numbers; a word beside it

# name → what it shows, boxes, arrows
PICTURES: dict[str, tuple[str, list[Box], list[Arrow]]] = {
    "basic_block": (
        "The basic block: two 3×3 convolutions, and a shortcut around them",
        [
            Box(0, 0, "x", ""),
            Box(1, 1, "conv1: 3×3, stride"),
            Box(1, 2, "conv2: 3×3"),
            Box(0, 2, "shortcut", "plain"),
            Box(0, 3, "add, ReLU", "join"),
            Box(0, 4, "y: c channels", ""),
        ],
        [(0, 1), (1, 2, "bn1, ReLU"), (0, 3), (2, 4, "bn2"), (3, 4), (4, 5)],
    ),
    "bottleneck": (
        "The bottleneck: 1×1, 3×3 and 1×1 convolutions, and a shortcut around them",
        [
            Box(0, 0, "x", ""),
            Box(1, 1, "conv1: 1×1"),
            Box(1, 2, "conv2: 3×3, stride"),
            Box(1, 3, "conv3: 1×1"),
            Box(0, 3, "shortcut", "plain"),
            Box(0, 4, "add, ReLU", "join"),
            Box(0, 5, "y: 4c channels", ""),
        ],
        [(0, 1), (1, 2, "bn1, ReLU"), (2, 3, "bn2, ReLU"), (0, 4), (3, 5, "bn3"), (4, 5), (5, 6)],
    ),
    "inception": (
        "The Inception module: four branches side by side, one behind another in the answer",
        [
            Box(1.5, 0, "x", ""),
            Box(0, 2, "conv1: 1×1"),
            Box(1, 1, "reduce3: 1×1"),
            Box(1, 2, "conv3: 3×3"),
            Box(2, 1, "reduce5: 1×1"),
            Box(2, 2, "conv5: 5×5"),
            Box(3, 1, "max 3×3", "plain"),
            Box(3, 2, "project: 1×1"),
            Box(1.5, 3, "concatenate", "join"),
            Box(1.5, 4, "c1 + c3 + c5 + proj channels", ""),
        ],
        [(0, 1), (0, 2), (2, 3), (0, 4), (4, 5), (0, 6), (6, 7), (1, 8), (3, 8), (5, 8), (7, 8), (8, 9)],
    ),
    "dense_layer": (
        "A layer of a DenseNet: what it is given goes on, and new channels come behind it",
        [
            Box(0, 0, "x: c channels", ""),
            Box(1, 1, "norm1, ReLU"),
            Box(1, 2, "conv1: 1×1"),
            Box(1, 3, "norm2, ReLU"),
            Box(1, 4, "conv2: 3×3"),
            Box(0, 5, "concatenate", "join"),
            Box(0, 6, "c + growth channels", ""),
        ],
        [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5, "growth"), (0, 5), (5, 6)],
    ),
    "resnext": (
        "ResNeXt's block: a bottleneck whose 3×3 convolution works in groups",
        [
            Box(0, 0, "x", ""),
            Box(1, 1, "conv1: 1×1"),
            Box(1, 2, "conv2: 3×3 in groups"),
            Box(1, 3, "conv3: 1×1"),
            Box(0, 4, "add, ReLU", "join"),
            Box(0, 5, "4c channels", ""),
        ],
        [(0, 1), (1, 2, "bn1, ReLU"), (2, 3, "bn2, ReLU"), (3, 4, "bn3"), (0, 4), (4, 5)],
    ),
    "squeeze_excitation": (
        "Squeeze and excitation: one factor per map, made from the means of all maps",
        [
            Box(0, 0, "x", ""),
            Box(0, 1, "block", "plain"),
            Box(1, 2, "mean", "plain"),
            Box(1, 3, "fc1, ReLU"),
            Box(1, 4, "fc2, sigmoid"),
            Box(0, 5, "multiply", "join"),
            Box(0, 6, "y · s", ""),
        ],
        [(0, 1), (1, 2), (2, 3), (3, 4, "channels / reduction"), (4, 5, "s"), (1, 5), (5, 6)],
    ),
}


def folder_of(name: str) -> Path:
    """The handout's folder that holds the picture of that name."""
    homework = "hw5_resnet" if name in ("basic_block", "bottleneck") else "hw6_architectures"
    return ASSIGNMENTS / homework / "blocks"


def draw(name: str, colours: Colours) -> str:
    """The picture of that name as SVG."""
    title, boxes, arrows = PICTURES[name]
    beside = [len(arrow[2]) * LETTER if len(arrow) > 2 else 0 for arrow in arrows]
    width = 2 * EDGE + max(_left(box) for box in boxes) + WIDTH + max(0.0, max(beside) - WIDTH / 2 + 8)
    height = 2 * EDGE + max(_top(box) for box in boxes) + HEIGHT
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="{-EDGE} {-EDGE} {width:.0f} {height:.0f}"'
    look = 'role="img" font-family="sans-serif" font-size="13"'
    tip = 'id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}>',
        f"<title>{escape(title)}</title>",
        f'<defs><marker {tip}><path d="M0 0L8 4L0 8z" fill="{colours.ink}"/></marker></defs>',
        *(_arrow(boxes[arrow[0]], boxes[arrow[1]], arrow[2] if len(arrow) > 2 else "", colours) for arrow in arrows),
        *(_box(box, colours) for box in boxes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _left(box: Box) -> float:
    return box.column * (WIDTH + GAP_X)


def _top(box: Box) -> float:
    return box.row * (HEIGHT + GAP_Y)


def _middle(box: Box) -> float:
    return _left(box) + WIDTH / 2


def _box(box: Box, colours: Colours) -> str:
    text = (
        f'<text x="{_middle(box):g}" y="{_top(box) + HEIGHT / 2 + 4.5:g}" text-anchor="middle" '
        f'fill="{colours.ink}">{escape(box.text)}</text>'
    )
    if not box.kind:
        return text
    fill = {"weight": colours.weight, "join": colours.join}.get(box.kind, colours.box)
    return (
        f'<rect x="{_left(box):g}" y="{_top(box):g}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="{fill}" '
        f'stroke="{colours.ink}" stroke-opacity="0.45"/>{text}'
    )


def _arrow(start: Box, end: Box, word: str, colours: Colours) -> str:
    """From the lower edge of one to the upper edge of the other, around a corner where it is not below."""
    x0, y0, x1, y1 = _middle(start), _top(start) + HEIGHT, _middle(end), _top(end)
    if start.column != end.column and end.row - start.row > 1 and end.kind != "join":
        path = f"M{x0:g} {y0:g}V{y0 + 10:g}H{x1:g}V{y1:g}"
    elif start.column == end.column:
        path = f"M{x0:g} {y0:g}V{y1:g}"
    else:
        corner = y0 + (10 if end.kind != "join" else GAP_Y / 2)
        path = f"M{x0:g} {y0:g}V{corner:g}H{x1:g}V{y1:g}"
    line = f'<path d="{path}" fill="none" stroke="{colours.ink}" stroke-width="1.3" marker-end="url(#tip)"/>'
    if not word:
        return line
    beside = f'<text x="{x0 + 8:g}" y="{y0 + 17:g}" fill="{colours.ink}" font-size="12">{escape(word)}</text>'
    return line + beside


def main() -> None:
    """Write every picture in both colours."""
    for name in PICTURES:
        folder_of(name).mkdir(exist_ok=True)
        for suffix, colours in THEMES.items():
            (folder_of(name) / f"{name}{suffix}.svg").write_text(draw(name, colours), "utf-8")


if __name__ == "__main__":
    main()
