"""Lines of a submission's own files."""

from __future__ import annotations

import pytest

from grader.outcome import Line
from grader.sandbox.lines import WIDTH, beginning, line_at

FILES = {
    "hw.py": b"import torch\n\n\ndef f(x):\n    return x\n\n\nclass Value:\n    def exp(self):\r\n        return 1\n"
}


def test_a_line_comes_with_two_around_it():
    line = line_at("hw.py, line 5, in f: return x", FILES)
    assert line == Line("hw.py", 5, "f", 3, ("", "def f(x):", "    return x", "", ""))


@pytest.mark.parametrize("where", ["hw.py, line 50", "other.py, line 1", "", "hw.py, line 0", "All checks passed"])
def test_a_place_that_is_not_there_is_none(where):
    assert line_at(where, FILES) is None


@pytest.mark.parametrize(
    ("said", "function"),
    [("f", "f"), ("Value.exp", "Value.exp"), ("Other.exp", ""), ("exp", "exp"), ("full_marks", "")],
)
def test_a_function_counts_only_where_the_file_has_it(said, function):
    line = line_at(f"hw.py, line 9, in {said}", FILES)
    assert line is not None
    assert line.function == function


def test_where_a_function_or_class_begins():
    assert [one.number if (one := beginning(name, FILES)) else 0 for name in ("f", "Value", "exp", "g")] == [4, 8, 9, 0]


def test_a_long_line_is_cut():
    line = line_at("hw.py, line 1", {"hw.py": b"x" * 10_000})
    assert line is not None
    assert len(line.around[0]) == WIDTH
