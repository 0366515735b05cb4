"""What the docs state, held against the code."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from grader import suite
from grader.outcome import Verdict
from grader.spec import Assignment, Course, LatePolicy, Limits, OnPortal, Part, RubricItem, Sandbox, Training
from tests.benchmarks import calibration

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
WRITING = (ROOT / "docs" / "writing-an-assignment.md").read_text("utf-8")
GRADING = (ROOT / "docs" / "grading-a-class.md").read_text("utf-8")
TABLE = re.compile(r"^\| key \| default \| meaning \|\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)


def rows(table: str) -> dict[str, str]:
    """First cell → second cell, without backticks."""
    cells = [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    return {row[0]: row[1] for row in cells}


def default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.default_factory is not None:
        return "{}"
    if field.default is PydanticUndefined:
        return "required"
    known = {None: "none", (): "[]", Limits(): "as below", LatePolicy(): "as below", Sandbox(): "as below"}
    known[OnPortal()] = "as below"
    if isinstance(field.default, bool):
        return str(field.default).lower()
    return known.get(field.default) or f"{field.default:g}" if not isinstance(field.default, str) else field.default


@pytest.mark.parametrize(
    ("place", "model"),
    list(enumerate((Assignment, Part, RubricItem, Limits, Sandbox, Training, LatePolicy, OnPortal, Course))),
)
def test_every_key_and_its_default_is_documented(place, model):
    assert rows(TABLE.findall(WRITING)[place]) == {name: default(model, name) for name in model.model_fields}


def test_the_documented_assignment_is_one():
    text = re.search(r"```toml\n(.*?)```", WRITING, re.DOTALL)[1]
    assert Assignment.model_validate(tomllib.loads(text)).module == "conv"


def test_all_that_a_suite_is_written_with_is_documented():
    own = [
        name
        for name, thing in vars(suite).items()
        if inspect.getmodule(thing) is suite and name != "F" and not name.startswith("_")
    ]
    for name in own:
        assert f"`{name}(" in WRITING or f"@{name}(" in WRITING, name


def test_every_verdict_has_its_advice():
    table = GRADING.split("## Verdicts")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(Verdict)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"(?:\]\(|src=\"|srcset=\")([^)\"\s]+)", page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), f"{page.name}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, target


def test_the_calibration_page_is_up_to_date():
    assert (ROOT / "docs" / "calibration.md").read_text("utf-8") == calibration.page(), (
        "run: python -m tests.benchmarks.calibration > docs/calibration.md"
    )
