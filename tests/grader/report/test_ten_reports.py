"""Ten reports as students get them, in a real browser: by day and night, on a telephone, printed, all folded out."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import axe_core_python
import pytest
from click.testing import CliRunner
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from grader.commands.cli import main
from grader.homework import Homework, load_homework
from tests.grader.course import require_isolation
from tests.hostile.here import ROOT

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text("utf-8")
RUN_AXE = "axe.run({resultTypes: ['violations']}).then((said) => arguments[0](said.violations))"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
PICTURES = os.environ.get("REPORT_PICTURES")  # a folder, to look at what was seen
DESKTOP, TELEPHONE = 1280, 360  # pixels across
HEIGHT, SHEETS = 2_500, 3  # of a beginner's report, before anything is folded out
SIZE = """if min(n, k, stride) < 1 or pad < 0 or k > n + 2 * pad:
        raise ValueError("no window fits")
    return (n + 2 * pad - k) // stride + 1"""

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="there is no chromium with its driver here"),
]


def with_bodies(source: str, bodies: dict[str, str]) -> str:
    """The source with other bodies of these functions, whose headings stand in one line."""
    for name, body in bodies.items():
        found = re.search(rf"^def {name}\(.*:\n", source, re.MULTILINE)
        assert found is not None, name
        end = re.search(r"^\S", source[found.end() :], re.MULTILINE)
        rest = source[found.end() + end.start() :] if end else ""
        source = f"{source[: found.end()]}    {body}\n\n\n{rest}"
    return source


def notebook(source: str) -> str:
    cells = [source, "import matplotlib.pyplot as plt\nplt.imshow(torch.zeros(4, 4))"]
    made = [
        {"cell_type": "code", "source": one, "outputs": [], "metadata": {}, "execution_count": None} for one in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})


def submissions(hw1: Homework) -> dict[str, str]:
    """Name → what is handed in to hw1."""
    right = hw1.reference_source
    wrong = {one.name: hw1.wrong_source([one]) for one in hw1.mistakes}
    several = ("conv_stride_ignored", "pool_stride_ignored", "linear_dw_transposed", "conv_dx_kernel_flipped")
    return {
        "beginner": with_bodies(
            hw1.starter_source,
            {"output_size": SIZE, "relu_forward": "return x.clamp(min=0)"},
        ),
        "careful": wrong["conv_edges_repeated"],
        "syntax": right.replace("def relu_forward(x: Tensor) -> Tensor:", "def relu_forward(x: Tensor) -> Tensor"),
        "slow": with_bodies(right, {"maxpool2d_forward": "while True:\n        pass"}),
        "forbidden": with_bodies(right, {"conv2d_forward": "return torch.nn.functional.conv2d(x, w, b, stride, pad)"}),
        "diverges": wrong["training_climbs"],
        "right": right,
        "twice": hw1.wrong_source([one for one in hw1.mistakes if one.name in several]),
        "notebook": notebook(wrong["pool_gradient_to_all_winners"]),
    }


def grade(homework: str, folder: Path, out: Path) -> None:
    said = CliRunner().invoke(main, ["grade", homework, str(folder), "-o", str(out), "--course", str(ROOT)])
    assert said.exit_code == 0, said.output


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Name → the student's report."""
    require_isolation()
    folder = tmp_path_factory.mktemp("ten")
    hw1, hw3 = load_homework(ROOT, "hw1_conv"), load_homework(ROOT, "hw3_dropout")
    for name, source in submissions(hw1).items():
        path = folder / "hw1" / name / ("conv.ipynb" if name == "notebook" else "conv.py")
        path.parent.mkdir(parents=True)
        path.write_text(source)
    grade("hw1_conv", folder / "hw1", folder / "out")
    better = folder / "again" / "twice" / "conv.py"
    better.parent.mkdir(parents=True)
    better.write_text(hw1.wrong_source([one for one in hw1.mistakes if one.name == "conv_dx_kernel_flipped"]))
    grade("hw1_conv", better.parent, folder / "out")
    chance = folder / "hw3" / "stochastic" / "dropout.py"
    chance.parent.mkdir(parents=True)
    chance.write_text(hw3.wrong_source([one for one in hw3.mistakes if one.name == "keep_and_drop_swapped"]))
    grade("hw3_dropout", chance.parent, folder / "out3")
    return {path.parent.name: path for out in ("out", "out3") for path in (folder / out).glob("[!_]*/report.html")}


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    made.set_script_timeout(300)
    yield made
    made.quit()


def show(driver: webdriver.Chrome, path: Path, width: int, scheme: str = "light") -> tuple[int, int]:
    """Open a page. Returns how wide and how high it is."""
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < DESKTOP}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    driver.get(path.as_uri())
    return tuple(driver.execute_script("const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]"))


def picture(driver: webdriver.Chrome, name: str) -> None:
    if PICTURES:
        taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        Path(PICTURES, f"{name}.png").write_bytes(base64.b64decode(taken["data"]))


def look(driver: webdriver.Chrome, path: Path, name: str) -> None:
    """Nothing is wider than the screen, and axe finds nothing, folded up or out."""
    for width in (DESKTOP, TELEPHONE):
        for scheme in ("light", "dark"):
            wide, _ = show(driver, path, width, scheme)
            picture(driver, f"{name}-{width}-{scheme}")
            assert wide <= width, (name, width)
            driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
            picture(driver, f"{name}-{width}-{scheme}-open")
            assert driver.execute_script("return document.documentElement.scrollWidth") <= width, (name, width, "open")
            if width == TELEPHONE:
                driver.execute_script(AXE)
                found = driver.execute_async_script(RUN_AXE)
                assert found == [], (name, scheme, [(one["id"], one["nodes"][0]["html"]) for one in found])


def sheets(driver: webdriver.Chrome, path: Path, name: str) -> int:
    """How many sheets of A4 a report prints on."""
    show(driver, path, DESKTOP)
    printed = base64.b64decode(
        driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"]
    )
    if PICTURES:
        Path(PICTURES, f"{name}.pdf").write_bytes(printed)
    return len(re.findall(rb"/Type\s*/Page\b", printed))


def test_everybody_can_read_them(pages, driver):
    assert len(pages) == 10
    for name, path in pages.items():
        look(driver, path, name)


@pytest.mark.parametrize("name", ["beginner", "syntax"])
def test_a_beginners_report_is_short(pages, driver, name):
    _, high = show(driver, pages[name], DESKTOP)
    assert high <= HEIGHT
    assert sheets(driver, pages[name], name) <= SHEETS


SAYS = {
    "beginner": ["Not written yet", "<h3>13 functions</h3>", "9. LeNet, trained on digits: <code>train_lenet</code>"],
    "syntax": ["The whole file", "SyntaxError: expected &#39;:&#39;"],
    "twice": ["Since the attempt before", "The lines that you changed", "The smallest example found"],
    "diverges": ["<h3><code>train_lenet</code></h3>", "Learning curve: loss", "what guessing gives, 10.0%"],
    "slow": ["where it was, by its own word, when its time was over"],
    "notebook": ["(code cell 2, line 1)"],
}


@pytest.mark.parametrize("name", SAYS)
def test_what_they_say(pages, name):
    page = pages[name].read_text("utf-8")
    assert [words for words in SAYS[name] if words not in page] == []
    if name in ("beginner", "syntax"):
        assert page.count('<details class="card ') == 1
