"""A module that fails at its end, and what is there of it all the same."""

from __future__ import annotations

import time
from types import ModuleType

import pytest

from grader.guest import running
from grader.guest.running import TookTooLong, interrupt_after, run

GOOD = "def double(x):\n    return 2 * x\n"


def ran(source: str, **more):
    module = ModuleType("conv")
    return run(source.encode(), "/handed-in/conv.py", module, **more), vars(module)


def cells(*sources: str) -> str:
    return "\n\n".join(f"# In [{number}]:\n{source}\n" for number, source in enumerate(sources, start=1))


def test_a_module_without_a_fault_says_nothing():
    went, names = ran(GOOD)
    assert went.said == []
    assert names["double"](2) == 4


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("open('data.pt')", "line 3: FileNotFoundError: "),
        ("assert double(2) == 5, 'no'", "line 3: AssertionError: no"),
        ("import sys; sys.exit()", "line 3: SystemExit"),
        ("if True:\n    if True:\n        1 / 0", "line 5: ZeroDivisionError"),
        ("exec('x = (')", "line 3: SyntaxError"),
    ],
)
def test_what_fails_at_the_end_costs_nothing_before_it(end, said):
    went, names = ran(f"{GOOD}{end}\n\ndef late():\n    pass\n")
    assert names["double"](2) == 4
    assert "late" not in names
    assert said in went.said[0]
    assert went.said[0].startswith("conv.py, ")
    assert went.said[0].endswith("What stands behind it was not run.")


def test_before_anything_is_defined_it_is_the_module_that_fails():
    with pytest.raises(ZeroDivisionError):
        ran(f"1 / 0\n{GOOD}")
    with pytest.raises(SyntaxError):
        ran(f"{GOOD}def (\n")


def test_no_memory_is_no_end_of_a_module():
    with pytest.raises(MemoryError):
        ran(f"{GOOD}raise MemoryError\n")


@pytest.mark.parametrize(
    "line",
    [
        "import matplotlib_is_not_here.pyplot as plt",
        "from matplotlib_is_not_here import pyplot as plt",
        "import matplotlib_is_not_here as plt, math",
    ],
)
def test_an_import_that_is_only_used_for_pictures_costs_only_these(line):
    went, names = ran(f"{line}\n{GOOD}def show(ax: plt.Axes = None):\n    plt.figure().show()\nplt.plot([1])\n")
    assert names["double"](2) == 4
    assert "No module named 'matplotlib_is_not_here'. Only what uses it fails." in went.said[0]
    assert "line 6: ModuleNotFoundError" in went.said[1]
    assert "math" not in line or names["math"].pi > 3
    with pytest.raises(ModuleNotFoundError, match="matplotlib_is_not_here"):
        names["show"]()


@pytest.mark.parametrize(
    "line",
    [
        "plt.style.use('ggplot')",
        "plt.rcParams['figure.dpi'] = 100",
        "plt.rcParams['lines'] += 1",
        "fig, ax = plt.subplots()\nax.plot([1])",
        "with plt.style.context('x') as style:\n    pass",
        "@plt.jit\ndef fast(x: plt.Axes['n'] | None): pass",
        "class Net(plt.Module): pass",
        "get_ipython().run_line_magic('matplotlib', 'inline')",
    ],
)
def test_what_needs_such_an_import_at_the_top_is_left_out_alone(line):
    went, names = ran(f"import not_there_at_all as plt\n{line}\n{GOOD}x = 1 / 0\ny = 2\n")
    assert names["double"](2) == 4
    assert "conv.py, line 2: " in went.said[1]
    assert went.said[1].endswith("This statement was left out.")
    assert "ZeroDivisionError" in went.said[-1]
    assert "y" not in names


def test_a_type_that_could_not_be_imported_costs_nothing():
    went, names = ran(f"from not_there_at_all import Float\n{GOOD.replace('x)', 'x: Float[int, 3] | None)')}")
    assert names["double"](2) == 4
    assert len(went.said) == 1


def test_a_module_that_looks_whether_something_is_there_finds_that_it_is_not():
    went, names = ran("try:\n    import not_there_at_all as fast\nexcept ImportError:\n    fast = None\n" + GOOD)
    assert names["fast"] is None
    assert went.said == []


def test_in_a_notebook_only_the_cell_fails():
    went, names = ran(
        cells("from __future__ import annotations\nx = 1\n1 / 0\nx = 2", GOOD, "open('no')\ny = 1", "z = 3")
    )
    assert (names["x"], names["z"], names["double"](2)) == (1, 3, 4)
    assert "y" not in names
    assert [sentence.split(":")[0] for sentence in went.said] == ["conv.py, line 4", "conv.py, line 15"]
    assert "The cells behind it were run." in went.said[0]


def test_a_cell_that_is_no_python_costs_itself():
    went, names = ran(cells(GOOD, "def (", "z = 3"))
    assert (names["z"], names["double"](2)) == (3, 4)
    assert "invalid Python" in went.said[0]
    with pytest.raises(SyntaxError):
        ran(cells("def ("))


@pytest.mark.parametrize(
    "bad", ["return 5", "x = yield", "1 = x", "@not_there\ndef f(): pass", "@(\n    1 / 0)\nclass A: pass"]
)
def test_a_cell_that_fails_costs_itself_whatever_is_wrong_with_it(bad):
    went, names = ran(cells(GOOD, bad, "z = 3"))
    assert (names["z"], names["double"](2)) == (3, 4)
    assert len(went.said) == 1


def test_what_takes_too_long_ends_as_it_would_by_failing():
    interrupt_after(0.2)
    start = time.monotonic()
    try:
        went, names = ran(f"{GOOD}while True:\n    try:\n        pass\n    except Exception:\n        pass\n")
    finally:
        interrupt_after(0)
    assert time.monotonic() - start < 10
    assert names["double"](2) == 4
    assert went.too_long in (3, 4, 5)
    assert "this takes too long" in went.said[0]
    again, names = ran(f"{GOOD}while True:\n    pass\n", skip=3)
    assert (again.too_long, names["double"](2)) == (3, 4)


def test_before_anything_is_defined_too_long_is_too_long():
    interrupt_after(0.1)
    try:
        with pytest.raises(TookTooLong):
            ran("while True:\n    pass\n")
    finally:
        interrupt_after(0)


def test_a_failure_that_cannot_be_shown_is_named():
    class Bad(Exception):
        def __str__(self):
            raise ValueError

    assert running._text(Bad()) == "Bad"
