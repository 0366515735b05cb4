"""Which parts a mistake can change."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.commands.selfcheck.reach import Reach
from grader.homework import load_homework
from grader.judging.bridge.examination import RecordedCall
from tests.grader.course import MISTAKES, require_isolation, write_course

REFERENCE = """
import random
import torch
from math import sqrt as root

EPS = 1e-5
Shape = tuple[int, ...]
KEPT = {}
drawn: list[int] = []


def norm(x):
    return x / root(_square(x) + EPS)


def _square(x):
    return (x * x).sum()


class Layer:
    gain = 2

    def forward(self, x):
        return self.gain * _scaled(x)


def _scaled(x):
    return KEPT.setdefault("x", x)


def pool(x):
    return x.max()


def by_name(what, x):
    return getattr(torch, what)(x)
"""
PROBES = "def built(module, name, *args):\n    return getattr(module, name)(*args)\n"
ASKED = {"norm": "norm", "layer": "probes.built", "pool": "printed.pool", "named": "by_name"}


def unreached(folder, overlay: str, reference: str = REFERENCE, probes: str = PROBES) -> set[str]:
    """The parts that a mistake of these definitions leaves as they are, of parts that ask for a function each."""
    mistakes = {"wrong": f'"""You err."""\n\nPARTS = ("double",)\n\n\n{overlay}\n'}
    course = write_course(folder, reference=reference, mistakes=mistakes)
    (course / "assignments/hw0/probes.py").write_text(probes)
    homework = load_homework(course, "hw0")
    reach = Reach(homework, always=())
    for part, function in ASKED.items():
        reach.note(
            part, [RecordedCall(function, ("Layer", 3), {})] if part == "layer" else [RecordedCall(function, (), {})]
        )
    return set(reach.unreached(homework.mistakes[0]))


@pytest.mark.parametrize(
    ("overlay", "reached"),
    [
        ("def norm(x):\n    return x", {"norm"}),
        ("def _square(x):\n    return x.sum()", {"norm"}),
        ("EPS = 1", {"norm"}),
        ("from math import exp as root", {"norm"}),
        ("def _scaled(x):\n    return -x", {"layer"}),
        ("class Layer:\n    def forward(self, x):\n        return x", {"layer"}),
        ("Layer.gain = 3", {"layer"}),
        ("def pool(x):\n    return x.min()", {"pool"}),
        ("def unused(x):\n    return x", set()),
        ("def pool(x):\n    return x.max()", set()),
        # what works beyond names
        ("def pool(x):\n    Layer.gain = 3\n    return x.max()", {"pool", "layer"}),
        ("def pool(x):\n    KEPT.clear()\n    return x.max()", {"pool", "layer"}),
        ("def pool(x):\n    global EPS\n    EPS = 1\n    return x.max()", {"pool", "norm"}),
        ("def pool(x):\n    torch.manual_seed(1)\n    return x.max()", {"norm", "layer", "pool", "named"}),
        ("def pool(x):\n    random.seed(1)\n    return x.max()", {"norm", "layer", "pool", "named"}),
        ("def pool(x):\n    torch.sqrt = None\n    return x.max()", {"norm", "layer", "pool", "named"}),
        ("torch.Tensor.sum = None", {"norm", "layer", "pool", "named"}),
        ("print()", {"norm", "layer", "pool", "named"}),
        ("if True:\n    def pool(x):\n        return 0", {"norm", "layer", "pool", "named"}),
    ],
)
def test_what_leads_to_a_change_is_reached_and_nothing_else(tmp_path, overlay, reached):
    assert unreached(tmp_path, overlay) == set(ASKED) - reached


def test_a_mistake_that_is_no_python_reaches_everything(tmp_path):
    assert unreached(tmp_path, 'REPLACE = [("def pool(x):", "def pool(x:")]') == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def pool(x):\n", "def pool(x):\n    globals()\n"),
        ("def pool(x):\n", "def pool(x):\n    getattr(torch, f'{x}')\n"),
        ("def _square(x):\n", "def _square(x):\n    eval('x')\n"),
    ],
)
def test_a_name_that_is_made_while_the_code_runs_may_be_any(tmp_path, old, new):
    """Whoever looks names up reaches all that is changed."""
    looking = {"pool"} if "pool" in old else {"norm"}
    overlay = "def _scaled(x):\n    return -x"
    assert unreached(tmp_path, overlay, REFERENCE.replace(old, new)) == set(ASKED) - looking - {"layer"}


def test_probes_that_put_names_together_reach_everything(tmp_path):
    probes = "def built(module, name, *args):\n    return getattr(module, 'La' + 'yer')(*args)\n"
    assert "layer" not in unreached(tmp_path, "def pool(x):\n    return x.min()", probes=probes)


@pytest.mark.long
def test_the_matrix_is_that_of_all_checks_and_says_what_was_not_asked(tmp_path):
    require_isolation()
    course = write_course(tmp_path, mistakes=MISTAKES)
    lines = []
    for more in ([], ["--whole"]):
        command = ["selfcheck", "hw0", "--course", str(course), "-j", "1", "--seed", "00" * 16, *more]
        ended = CliRunner().invoke(main, command)
        assert ended.exit_code == 0, ended.output
        lines.append([line for line in ended.output.splitlines() if line.startswith(("double_", "shift_"))])
    assert lines == [
        ["double_squares  2  ■■", "shift_twice     3     ■■"],
        ["double_squares  2  ■■ ··", "shift_twice     3  ·· ■■"],
    ]
