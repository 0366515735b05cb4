"""Packages and data files that a course lets into its sandbox: in every tier, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import InfraError, UsageError
from grader.outcome import Verdict
from grader.sandbox import layout
from grader.sandbox.opening import open_sandbox
from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade
from grader.spec import SpecError, load_assignment
from tests.grader import toy as toys

SANDBOX = '\n[sandbox]\npackages = ["pandas", "scipy.stats"]\ndata = ["numbers.csv", "more/words.txt"]\n\n[[parts]]'
SUITE = """
@part("double")
@weight(4)
def test_double(student, reference):
    '''double reads the table.'''
    agree(student.double, reference.double, 3)


@part("shift")
@weight(2)
def test_shift(student):
    '''shift does what it likes.'''
    agree(student.shift, lambda x: "fine", 3)
"""
REFERENCE = """
from pathlib import Path

import pandas as pd
from scipy.stats import norm

def double(x):
    return pd.read_csv("numbers.csv") * x, Path("more/words.txt").read_text(), float(norm.cdf(x))

def shift(x):
    return "fine"
"""


def homework(folder: Path, sandbox: str = SANDBOX):
    public = folder / "assignments" / "toy"
    toys.write(public / "numbers.csv", "a,b\n1,2.5\n3,4.5\n")
    toys.write(public / "more" / "words.txt", "words")
    made = toys.homework(folder, SUITE, reference=REFERENCE)
    path = public / "assignment.toml"
    path.write_text(path.read_text().replace("[[parts]]", sandbox.lstrip("\n"), 1))
    return replace(made, assignment=load_assignment(public))


BEST, *OTHERS = [tier for tier in TIERS if tier != "container"]  # whose image holds what it was built with


@pytest.mark.parametrize("tier", [BEST, *(pytest.param(one, marks=pytest.mark.long) for one in OTHERS)])
def test_packages_and_data_are_there_and_nobody_can_change_them_for_another(tmp_path, tier):
    if lacking := TIERS[tier].missing():
        pytest.skip(lacking)
    made = homework(tmp_path)
    vandal = """
    def shift(x):
        try:
            open("numbers.csv", "a")
            return "it can be written to"
        except PermissionError:
            pass
        import os, pandas
        os.chmod("numbers.csv", 0o644)
        open("numbers.csv", "w").write("a,b\\n9,9\\n")
        open("more/words.txt", "r").close()
        pandas.read_csv = None
        return "fine"
    """
    with open_sandbox(made.assignment, WhereToGrade(tier)) as zygote:
        wrecked = toys.submission(REFERENCE + "\n" + vandal.replace("\n    ", "\n"))
        gradings = toys.grade_all(made, zygote, wrecked, toys.correct(), toys.submission(REFERENCE))
    assert toys.verdicts(gradings[0]) == [Verdict.PASSED, Verdict.PASSED]
    assert toys.verdicts(gradings[2]) == [Verdict.PASSED, Verdict.PASSED]
    assert Path(tmp_path / "assignments/toy/numbers.csv").read_text() == "a,b\n1,2.5\n3,4.5\n"


def test_a_package_that_is_not_listed_is_not_there(grade):
    source = "def double(x):\n    import pandas\n\n\ndef shift(x):\n    return x + 1\n"
    graded = grade(toys.submission(source))
    assert "only torch, numpy, Python's standard library" in graded.outcomes[0].message


def test_a_package_is_found_by_its_own_name_or_a_modules():
    assert layout.distributions(["scikit-learn", "sklearn", "scipy.stats", "PIL"]) == (
        "scikit-learn",
        "scipy",
        "pillow",
    )
    assert layout.modules(["scikit-learn", "scipy.stats", "pandas"]) == ("sklearn", "scipy.stats", "pandas")
    packages = {Path(mount.target).name for mount in layout.mounts(None, ("pandas",))}
    assert {"pandas", "dateutil"} <= packages
    assert "pandas" not in {Path(mount.target).name for mount in layout.mounts()}


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(UsageError, match="no_such_package is not installed where the grader is: pip install"):
        layout.mounts(None, ("no_such_package",))


LEAVES = {
    "thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "descriptor": "kept = open('/dev/null')",
    "process": "import subprocess\nkept = subprocess.Popen(['sleep', '1'])",
}


@pytest.mark.parametrize("what", LEAVES)
def test_a_package_that_leaves_something_behind_is_refused(tmp_path, what):
    (tmp_path / "leaving.py").write_text(LEAVES[what])
    ran = _load(tmp_path, "leaving")
    assert ran.returncode == 1
    assert f"package leaving is refused: its import leaves a {what}, which all submissions would share" in ran.stderr


def test_a_package_that_fails_is_named(tmp_path):
    (tmp_path / "failing.py").write_text("raise RuntimeError('no\\nway')")
    assert "package failing cannot be imported in the sandbox: RuntimeError: no\n" in _load(tmp_path, "failing").stderr


def _load(folder: Path, name: str):
    start = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from grader.guest import packages; packages.load([{name!r}])"
    )
    return subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("sandbox", "said"),
    {
        "missing": ('data = ["gone.csv"]', "sandbox.data: gone.csv is no file of"),
        "empty": ('data = ["empty.csv"]', "empty.csv is no file of .*, or is empty"),
        "outside": ('data = ["more/../../x.csv"]', "leads out of the homework's"),
        "a module": ('data = ["helper.py"]', "'helper.py' is no data file"),
        "an absolute path": ('data = ["/etc/passwd"]', "sandbox.data.0: String should match"),
    }.values(),
)
def test_data_that_cannot_be_used_is_named(tmp_path, sandbox, said):
    toys.write(tmp_path / "assignments" / "toy" / "empty.csv", "")
    with pytest.raises(SpecError, match=said):
        homework(tmp_path, f"[sandbox]\n{sandbox}\n\n[[parts]]")


def test_a_sandbox_without_the_package_says_so(tmp_path, monkeypatch):
    """As the image of isolation container, if it was built without it."""
    made = homework(tmp_path)
    monkeypatch.setattr(layout, "_packages", lambda _, own=layout._packages: own(()))
    layout._without_gpu.cache_clear()
    try:
        with pytest.raises(InfraError, match="package pandas cannot be imported in the sandbox: ModuleNotFoundError"):
            open_sandbox(made.assignment).__enter__()
    finally:
        layout._without_gpu.cache_clear()
