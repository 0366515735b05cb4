"""A notebook says what its script says: the references' sources, reformatted by black and cut into cells at random.

Lines that only IPython understands are put between, and statements that look like such lines. The module that is made of
a notebook has to have the script's syntax tree.

    python -m tests.fuzz.notebooks --cases 20000 [--seed 1]
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import time
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import black
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from grader.intake.notebook import module_source

ROOT = Path(__file__).resolve().parents[2]
LENGTHS = (1, 20, 40, 60, 88, 120, 200)  # that black is given
# What Python takes as it stands, and patterns on lines do not.
STATEMENTS = (
    "value = 1  # is this right?",
    "value = (\n    7\n    % 3\n)",
    "value = [\n    1,  # one?\n    2,\n]",
    'value = "%d" \\\n    % 3',
    "value = not (\n    1\n    != 2\n)",
    'value = """\n%time f()\n!ls -l\n%%bash\nis it?\n"""',
    "value = '''\n?value\n\n/x\n,y\n;z'''",
    'value = "a\u2028%b\u2029!c\x0b%d\x1c?e\x85!f"',
    'value = "a\x0c%b"',
    "if True:\n    pass\n    # why?\n\n\x0cvalue = 3",
    "def odd(x=1, *, y=2): return x % y  # so?",
    "value = lambda x=7: x % 3",
    "value = other = 7 % 3",
    "value: int = 7 % 3",
    "value = f\"{7 % 3:>{4}} {'?'}\" f'{7 != 3!r}' rf\"\\{1}%\"",
    "value = f'''{\n    7\n    % 3\n}\n%d ?'''",
    "value = {'a': 1, **{'b#': 2}}; value = 3 # no?",
    "try:\n    value = 7\nfinally:\n    value %= 3",
    "value = '#' # '?\nvalue = \"\\\"%\\\\\" # ?",
    "# only a comment?",
    "#%% a cell of another editor's",
    "@staticmethod\ndef decorated(): ...  # what?",
    "class Odd:\n    '''Why?'''\n\n    value = (1\n%2)",
)
# What only IPython understands, and what it is as Python.
MAGICS = (
    ("%matplotlib inline", ""),
    ("!pip install 'left-pad' # don't", ""),
    ('!echo "(" \\\n    [and on', ""),
    ("?print", ""),
    ("print??", ""),
    ("%load_ext autoreload\n%autoreload 2", ""),
    ("%time value = 3", "value = 3"),
    ("%time value = max(3,\n    4)", "value = max(3,\n    4)"),
    ("value = !ls 'x", "value = []"),
    ("value = %pwd", "value = None"),
    ("if True:\n    %cd /tmp\n    value = %time 3", "if True:\n    value = 3"),
)
CELL_MAGICS = ("%%time", "%%capture out --no-stderr", "\n%%time\n%%capture")
FOREIGN = ("%%bash\nls | grep '(\nexit", "%%html\n<b>'''", "%%writefile x.txt\ndef f(:", "%%timeit\nvalue = 3")


@cache
def sources() -> list[Path]:
    return [*sorted(ROOT.glob("reference/*/*.py")), *sorted(ROOT.glob("reference/*/alternatives/*.py"))]


@cache
def statements(path: Path, length: int) -> list[str]:
    """A source's statements at the top, as black writes them, with what stands between them before each."""
    text = black.format_str(path.read_text(), mode=black.Mode(line_length=length))
    lines = text.split("\n")
    ends = [node.end_lineno or 0 for node in ast.parse(text).body]
    return ["\n".join(lines[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


@cache
def trees(statement: str) -> tuple[str, ...]:
    """What a statement means: its syntax trees, but for a `pass` that stands for nothing, and imports from the future."""
    body = ast.parse(statement).body
    own = [node for node in body if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
    return tuple(ast.dump(_NoPass().visit(node)) for node in own)


def futures(text: str) -> set[str]:
    """The names that are imported from `__future__`."""
    return {
        name
        for name in ("annotations", "division")
        if re.search(rf"^from __future__ import .*\b{name}", text, re.MULTILINE)
    }


class _NoPass(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.If:
        node.body = [one for one in node.body if not isinstance(one, ast.Pass)]
        return node


@dataclass(frozen=True)
class Case:
    """One notebook. What is put in stands before the statement of its number, or ends the whole."""

    path: Path
    length: int
    put_in: tuple[tuple[int, int], ...]  # where, and which of `STATEMENTS` and then `MAGICS`
    cuts: frozenset[int]  # before which a cell begins
    heads: tuple[tuple[int, int], ...]  # of which cell, and which of `CELL_MAGICS` and then `FOREIGN`
    newline: str

    def build(self) -> tuple[bytes, str]:
        """The notebook, and the script that says the same."""
        parts = [(one, one) for one in statements(self.path, self.length)]
        start = next(
            n for n, (one, _) in enumerate(parts) if "__future__" not in one and not one.lstrip().startswith('"""')
        )
        more = [*((one, one) for one in STATEMENTS), *MAGICS]
        for where, which in sorted(self.put_in, reverse=True):
            parts.insert(start + where % (len(parts) - start + 1), more[which])
        edges = [0, *sorted({1 + cut % len(parts) for cut in self.cuts}), len(parts)]
        cells = [[one for one, _ in parts[a:b]] for a, b in pairwise(edges) if a < b]
        texts = ["\n".join(cell) for cell in cells]
        for cell, which in self.heads:
            at = cell % (len(texts) + 1)
            if which < len(CELL_MAGICS) and at < len(texts):
                texts[at] = f"{CELL_MAGICS[which]}\n{texts[at]}"
            elif which >= len(CELL_MAGICS):
                texts.insert(at, FOREIGN[which - len(CELL_MAGICS)])
        code = [
            {"cell_type": "code", "source": text.replace("\n", self.newline).splitlines(keepends=True)}
            for text in texts
        ]
        return json.dumps({"nbformat": 4, "cells": code}).encode(), "\n".join(two for _, two in parts)

    def check(self) -> None:
        """Raises AssertionError unless notebook and script say the same."""
        notebook, script = self.build()
        module = module_source(notebook).decode()
        compile(module, "notebook", "exec", dont_inherit=True)  # imports from the future stand before all else
        assert trees(module) == trees(script), script
        assert futures(module) == futures(script), script


cases = st.builds(
    Case,
    st.sampled_from(sources()),
    st.sampled_from(LENGTHS),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, len(STATEMENTS) + len(MAGICS) - 1)), max_size=8).map(tuple),
    st.frozensets(st.integers(0, 80), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, len(CELL_MAGICS) + len(FOREIGN) - 1)), max_size=3).map(tuple),
    st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]),
)


def search(number: int, seed: int | None = None) -> None:
    """Check so many notebooks: the same ones each time without a seed."""
    quiet = settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
    )
    test = quiet(given(cases)(Case.check))
    (test if seed is None else seeded(seed)(test))()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"{options.cases:,} notebooks, seed {options.seed}", flush=True)
    started = time.monotonic()
    search(options.cases, options.seed)
    print(f"each says what its script says ({time.monotonic() - started:.0f} s)")


if __name__ == "__main__":
    main()
