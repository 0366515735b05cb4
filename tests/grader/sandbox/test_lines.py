"""Lines of a submission's own files."""

from __future__ import annotations

import pytest

from grader.outcome import Line
from grader.sandbox.lines import WIDTH, beginning, line_at, with_cell

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


@pytest.mark.parametrize(("number", "cell"), [(2, "code cell 1, line 1"), (7, "code cell 2, line 2"), (5, "")])
def test_a_line_of_a_notebook_has_its_cell(number, cell):
    source = {"hw.py": b"# In [1]:\nx = 1\n\n\n# In [2]:\ny = 2\nz = 3\n"}
    line = line_at(f"hw.py, line {number}", source)
    assert line is not None
    assert line.cell == cell


def test_a_comment_in_a_file_is_no_cell():
    line = line_at("hw.py, line 3", {"hw.py": b"x = 1\n# In [1]:\ny = 2\n"})
    assert line is not None
    assert line.cell == ""


def test_a_sentence_of_the_submissions_gets_the_cell():
    files = {"hw.py": b"import a  # In [1]:\nx = 1\n\n\n# In [2]:\ny = 2\n"}
    assert with_cell("hw.py, line 6: no", files) == "hw.py, line 6 (code cell 2, line 1): no"
    assert with_cell("hw.py, line 60: no", files) == "hw.py, line 60: no"
    assert with_cell("hw.py, line 3: no", FILES) == "hw.py, line 3: no"
