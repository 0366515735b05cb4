from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.gradebook.drawing import COLOUR, canvas, svg
from grader.gradebook.pictures import BINS, _level, _runs, heat, histogram, items, verdicts
from grader.gradebook.statistics import analyse
from grader.outcome import Verdict
from grader.report.looks import LOOK
from tests.grader.gradebook.samples import classes

ROOT = Path(__file__).parents[3]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-5, 110), min_size=1, max_size=40))
def test_every_student_is_in_one_bar(scores):
    picture = histogram(scores, 100, "hw1")
    bars = re.findall(r"<title>([\d,]+) students?: ([\d.]+) to", picture)
    assert sum(int(number.replace(",", "")) for number, _ in bars) == len(scores)
    step = 100 / BINS
    for number, start in bars:
        low, high = float(start), float(start) + step
        inside = [s for s in scores if (s >= low - 1e-9 or low == 0) and (s < high - 1e-9 or high == 100)]
        assert abs(len(inside) - int(number)) <= sum(
            abs(s % step) < 1e-6 or abs(s % step - step) < 1e-6 for s in scores
        )


@settings(max_examples=15, deadline=None)
@given(classes())
def test_pictures_are_plain_themed_and_always_the_same(entries):
    analysis = analyse(entries, "hw1")
    if not analysis.n:
        return
    for draw in (verdicts, items):
        picture = draw(analysis, "hw1")
        assert picture == draw(analysis, "hw1")
        root = ET.fromstring(picture)
        for element in root.iter():
            assert not set(element.attrib) & {"style", "clip-path", "xmlns"}
            assert not [value for value in element.attrib.values() if value in COLOUR.values() or "http" in value]
        links = {element.attrib["href"][1:] for element in root.iter("use")}
        assert links == {element.attrib["id"] for element in root.iter() if "id" in element.attrib}


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=60))
def test_a_heat_map_paints_every_student_once_in_their_level(shares):
    levels = [_level(share) for share in shares]
    painted = {}
    for level, runs in _runs(levels).items():
        for start, length in runs:
            for i in range(start, start + length):
                assert i not in painted
                painted[i] = level
    assert painted == {i: level for i, level in enumerate(levels) if level is not None}
    for share, level in zip(shares, levels, strict=True):
        assert (level == 0) == (share is not None and share >= 1 - 1e-9)


def test_a_heat_map_has_no_text_of_students_but_in_titles():
    evil = "<b>$x^</b>"
    picture = heat([[1.0, 0.5], [None, 0.0]], ["forward", "backward"], [evil, "ben"], "hw1")
    root = ET.fromstring(picture)
    assert [title.text for title in root.iter("title")] == [evil, "ben"]
    assert evil not in "".join(text.text or "" for text in root.iter("text"))
    assert {"var(--l0)", "var(--l4)", "var(--l9)"} <= {element.attrib.get("fill") for element in root.iter()}


def test_names_of_parts_are_no_mathematics():
    with canvas(200, 100) as (figure, axes):
        axes.set_xticks([0], ["$\\frac{"])
        assert "$\\frac{" in svg(figure, "label")


def test_every_verdict_has_a_colour_of_its_own():
    colours = {look.chart for look in LOOK.values()}
    assert list(LOOK) == list(Verdict)
    assert len(colours) == len(Verdict)
    assert colours <= set(COLOUR)
    sheet = (ROOT / "grader" / "report" / "report.css").read_text("utf-8")
    assert all(f"--{name}:" in sheet for name in COLOUR)


def test_other_processes_draw_the_same_bytes():
    script = "from grader.gradebook.pictures import histogram; print(histogram([1, 5, 5, 9.5], 10, 'hw1'))"
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "HOME": str(Path.home())},
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {str(histogram([1, 5, 5, 9.5], 10, "hw1")) + "\n"}
