"""A matplotlib figure as SVG that belongs to a page: its colours are the page's, in light and in dark.

matplotlib writes styles into `style` attributes, which the page's policy refuses, and fixed colours. Here each colour
of the page has a placeholder that no picture would use otherwise; styles become plain attributes, and placeholders
`var(--ink)` and the like. The same figure gives the same text: no dates, no random ids. Pictures hold no text that a
student could have written, because matplotlib would read parts of it as mathematics.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS = 72  # per inch: one unit of the drawing is a pixel
VARIABLES = ("ink", "muted", "line", "surface", "good", "bad", "warn", "ban", "quiet", "track")
COLOUR = {name: f"#0a0b{i:02x}" for i, name in enumerate((*VARIABLES, *(f"l{i}" for i in range(10))))}
_BACK = {colour: f"var(--{name})" for name, colour in COLOUR.items()}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "grader",
    "text.parse_math": False,
    "font.size": 11,
    "axes.edgecolor": COLOUR["line"],
    "axes.labelcolor": COLOUR["muted"],
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": COLOUR["muted"],
    "ytick.color": COLOUR["muted"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}
# What the page sets, or what inline SVG has no use for.
_DROPPED = {"font-family", "font-weight", "font-style", "font-variant", "font-stretch", "stroke-miterlimit"}


@contextmanager
def canvas(width: int, height: int) -> Iterator[tuple[Figure, Any]]:
    """A figure of so many pixels and its axes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width / DOTS, height / DOTS), dpi=DOTS, layout="constrained")
        yield figure, figure.add_subplot()


def svg(figure: Figure, label: str, titles: Mapping[str, str] | None = None) -> Markup:
    """The figure as an inline `<svg>` that says `label` to who cannot see it; `titles`: gid → what a pointer reads."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    root = ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib wrote it, and nobody else
    _strip(root)
    names = {f"#{i}": f"#{_name(label)}-{i}" for i in _referenced(root)}
    for element in root.iter():
        _plain(element, titles or {}, names)
    root.attrib = {"viewBox": root.attrib["viewBox"], "class": "plot", "role": "img", "aria-label": label}
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - an element tree escapes what it writes


def _strip(root: ET.Element) -> None:
    """Tags without namespaces; no metadata, no style sheet, no clipping."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.text = (element.text or "").strip() if element.tag == "text" else None
        element.tail = None
    for element in list(root.iter()):
        for child in list(element):
            if child.tag in ("metadata", "style", "clipPath"):
                element.remove(child)


def _referenced(root: ET.Element) -> list[str]:
    links = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]
    return sorted({link[1:] for link in links})


def _plain(element: ET.Element, titles: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Styles as attributes, the page's colours, ids only where something refers to them, and the pointer's title."""
    attributes: dict[str, str] = {}
    for key, value in element.attrib.items():
        key = key.rpartition("}")[2]
        if key == "style":
            attributes |= _style(value)
        elif key == "id":
            if f"#{value}" in names:
                attributes["id"] = names[f"#{value}"][1:]
        elif key != "clip-path":
            attributes[key] = names.get(value, value) if key == "href" else value
    title = titles.get(element.attrib.get("id", ""))
    element.attrib = {key: _BACK.get(value, value) for key, value in attributes.items()}
    if title is not None:
        element.insert(0, ET.Element("title"))
        element[0].text = title


def _style(text: str) -> dict[str, str]:
    pairs = (declaration.split(":", 1) for declaration in text.split(";") if ":" in declaration)
    style = {key.strip(): value.strip() for key, value in pairs}
    font = re.search(r"([\d.]+)px", style.pop("font", ""))
    if font:
        style["font-size"] = font[1]
    return {key: value.removesuffix("px") for key, value in style.items() if key not in _DROPPED}


def _name(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")
