"""The benchmark of seeds: it goes on where it was cut off, and a solution that fails is named and counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.homework import load_homework
from tests.benchmarks import seeds
from tests.benchmarks.seeds import Book
from tests.grader.course import ALTERNATIVES, require_isolation, write_course

WRONG = {**ALTERNATIVES, "never": "def double(x):\n    return 3 * x\n\n\ndef shift(x):\n    return 1 + x\n"}


@pytest.mark.long
def test_it_goes_on_where_it_was_cut_off(tmp_path, capsys):
    require_isolation()
    course = write_course(tmp_path / "course")
    assert seeds.main(["hw0", "-n", "2", "--state", str(tmp_path / "out")], course) == 0
    assert "| `hw0` | 2 | 2 | 4 | 0 | " in capsys.readouterr().out
    (path,) = (tmp_path / "out").iterdir()
    first = path.read_text()
    path.write_text(first + '\n{"number": 2, "sec')
    assert seeds.main(["hw0", "-n", "3", "--state", str(tmp_path / "out"), "--jobs", "2"], course) == 0
    assert "| `hw0` | 2 | 3 | 6 | 0 | " in capsys.readouterr().out
    assert path.read_text().startswith(first)
    assert [one.number for one in Book(tmp_path / "out", load_homework(course, "hw0")).read()] == [0, 1, 2]


@pytest.mark.long
def test_a_solution_that_fails_is_named(tmp_path, capsys):
    require_isolation()
    course = write_course(tmp_path / "course", alternatives=WRONG)
    assert seeds.main(["-n", "1", "--state", str(tmp_path / "out")], course) == 1
    said = capsys.readouterr()
    assert "| `hw0` | 3 | 1 | 3 | 2 | " in said.out
    assert "never fails test_double (" in said.err
    assert f"--seed {seeds.seed('hw0', 0).secret.hex()}" in said.err


def test_another_alternative_starts_anew(tmp_path, capsys):
    course = write_course(tmp_path / "course")
    Book(tmp_path / "out", load_homework(course, "hw0")).add(seeds.Finished(0, 1.0, (), 0.5, "test_double"))
    assert seeds.main(["--only-table", "--state", str(tmp_path / "out")], course) == 0
    assert "| `hw0` | 2 | 1 | 2 | 0 | 0.5 | `test_double` |" in capsys.readouterr().out
    Path(course / "reference/hw0/alternatives/more.py").write_text(next(iter(ALTERNATIVES.values())))
    assert seeds.main(["--only-table", "--state", str(tmp_path / "out")], course) == 0
    assert "| `hw0` | 3 | 0 | | | | |" in capsys.readouterr().out
