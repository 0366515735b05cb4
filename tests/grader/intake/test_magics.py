from __future__ import annotations

import ast
import json
import sysconfig
import tokenize
import warnings
from pathlib import Path

import pytest

from grader.intake.magics import plain_python
from grader.intake.notebook import module_source
from tests.fuzz import notebooks


@pytest.mark.parametrize(
    ("cell", "module"),
    [
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1"),
        ("!pip install x \\\n  y\nx = 1", "# !pip install x \\\n#   y\nx = 1"),
        ("!echo don't (\nx = 1", "# !echo don't (\nx = 1"),
        ("if x:\n    %cd /\n", "if x:\n    pass  # %cd /\n"),
        ("f?", "# f?"),
        ("x.y??\nz", "# x.y??\nz"),
        ("?f", "# ?f"),
        ("f(\n  1)?", "# f(\n#   1)?"),
        ("x = 1  # f?", "x = 1  # f?"),
        ("x = 'f?'", "x = 'f?'"),
        ("x = 1 \\\n% 2", "x = 1 \\\n% 2"),
        ("(1\n% 2\n!= 3)", "(1\n% 2\n!= 3)"),
        ("'''\n%x\n!y\nz?\n'''", "'''\n%x\n!y\nz?\n'''"),
        ("x = !ls 'a", "x = []  # !ls 'a"),
        ("x = %pwd", "x = None  # %pwd"),
        ("x = y == %pwd", "x = y == %pwd"),
        ("x = 7\\\n%y", "x = 7\\\n%y"),
        ("%time x = f(1,\n 2)", "x = f(1,\n 2)"),
        ("    %time x = 1", "x = 1"),
        ("if x:\n  %time y = 1", "if x:\n  y = 1"),
        ("%time !ls", "# !ls"),
        ("%time", "# %time"),
        ("%timeit f()", "# %timeit f()"),
        ("x = %time f()", "x = f()"),
        ("%%time\nx = 1\n!ls", "# %%time\nx = 1\n# !ls"),
        ("\n%%capture out\n%%time\nx = 1", "\n# %%capture out\n# %%time\nx = 1"),
        ("%%bash\nrm -rf '(\n", "# %%bash\n# rm -rf '(\n"),
        ("%%timeit\nx = 1", "# %%timeit\n# x = 1"),
        ("x = 1\n%%time\ny", "x = 1\n# %%time\ny"),
        ("  x = 1\n  y = 2", "x = 1\ny = 2"),
        ("x = f'{7\n% 3}'", "x = f'{7\n% 3}'"),
        ('x = f"{d["(#\'"]!r:>{n}}%" # ?\n!ls', 'x = f"{d["(#\'"]!r:>{n}}%" # ?\n# !ls'),
        ("x = f'{{' '{' rf'\\{y}'\n%z", "x = f'{{' '{' rf'\\{y}'\n# %z"),
        ("x = f'\\N{DASH}{y:%Y-%m}'\n%z", "x = f'\\N{DASH}{y:%Y-%m}'\n# %z"),
        ("x = 'a\u2028%b'\r\n%c\rd", "x = 'a\u2028%b'\n# %c\nd"),
        ("x = 'unfinished\n%c", "x = 'unfinished\n# %c"),
        ("x = '''unfinished\n%c", "x = '''unfinished\n%c"),
        ("\x0c%c\nx = '\x0c%d'", "\x0cpass  # %c\nx = '\x0c%d'"),
        ("", ""),
    ],
)
def test_what_only_ipython_understands_becomes_a_comment(cell, module):
    assert plain_python(cell) == module


@pytest.mark.long
def test_python_stays_as_it_is():
    """Python's own library: whatever it has to show of strings, brackets and continued lines."""
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    paths += sorted(Path(sysconfig.get_path("stdlib"), "test").glob("test_[fst]*.py"))
    read = 0
    for path in paths:
        try:
            with tokenize.open(path) as file:
                text = file.read()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        assert plain_python(text) == text, path
        read += 1
    assert read > 100


@pytest.mark.parametrize(
    "text",
    [
        '"""' + 'a"' * 300_000, 'f"' + "{a:" * 200_000, "f'{" * 200_000, "(" * 600_000, "%time " * 100_000, "%%writefile" + " " * 600_000 + "x",
        "x = %time " * 60_000, "f'" * 300_000, "\\\n" * 300_000, "!a\\\n" * 200_000, '"' + "\\a" * 300_000,
    ],
)  # fmt: skip
def test_no_cell_takes_long_to_read(text):
    """Linear in its length: a quadratic reading of these would take hours."""
    plain_python(text)


def test_lines_keep_their_numbers():
    source = module_source(json.dumps({"cells": [{"cell_type": "code", "source": "%x\n\n!y \\\nz\na = 1"}]}).encode())
    assert source.decode().split("\n")[5] == "a = 1"


@pytest.mark.long
def test_a_notebook_says_what_its_script_says():
    notebooks.search(60)
