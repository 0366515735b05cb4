"""The figures in the handouts are those that the scripts draw."""

from __future__ import annotations

import pytest

from tests.benchmarks import blocks, figures

THEMES = list(blocks.THEMES)
FIGURES = [(homework, name) for homework, named in figures.FIGURES.items() for name in named]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", list(blocks.PICTURES))
def test_each_block_is_as_drawn(name, theme):
    file = blocks.folder_of(name) / f"{name}{theme}.svg"
    assert file.read_text("utf-8") == blocks.draw(name, blocks.THEMES[theme])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("homework", "name"), FIGURES)
def test_each_figure_is_as_drawn(homework, name, theme):
    file = figures.ASSIGNMENTS / homework / "figures" / f"{name}{theme}.svg"
    assert file.read_text("utf-8") == figures.FIGURES[homework][name](blocks.THEMES[theme])
