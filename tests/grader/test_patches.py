"""What a change takes: each patch in tests/patches adds one thing, in few files, and works without any other change."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATCHES = ROOT / "tests" / "patches"

VERDICT = """
from rich.console import Console
from datetime import UTC, datetime
from pathlib import Path
from grader.commands.display import Display
from grader.gradebook.entry import Entry, Student
from grader.gradebook.page import write_class_page
from grader.outcome import Check, Grading, Outcome, Provenance, Verdict
from grader.spec import Assignment, Part
from grader.report.table import summary
from grader.report.write import write_reports
part = Part(name="a", title="A", points=1)
assignment = Assignment(name="hw1", title="One", points=1, files=("a.py",), parts=(part,))
about = Provenance("a" * 64, "b" * 64, "c", "bubblewrap", (), "cpu", "3", "2", datetime.now(UTC).isoformat(), 1.0)
outcome = Outcome(Check("test_a", "a", "A.", 1.0), Verdict("slow"), 0.0, "It took 3 s.")
staff = write_reports(Path("out"), assignment, Grading("ada", (outcome,), about), datetime.now(UTC))
console = Console(width=120, record=True, file=open("said", "w"))
with Display(console, 1, 1) as display:
    display.step(staff, 1.0)
console.print(summary([staff, staff], 120))
entries = [Entry(Student(id), "hw1", 1, staff, attempt=id, attempts=1, score=0.0) for id in map(str, range(10))]
write_class_page(entries, {"hw1": assignment}, Path("out/class.html"))
for file in ("ada/report.html", "ada/report.md", "ada/results.json", "class.html"):
    print(file, "too slow" in (Path("out") / file).read_text().lower())
print("terminal", "too slow" in Path("said").read_text().lower() or "too slow" in console.export_text().lower())
"""
PLATFORM = """
from pathlib import Path
import sys
from grader.collect.collect import collect
from grader.homework import load_homework
for name in ("Ada_Lovelace_ada1_1234", "Ben_Alman_ben2_77"):
    folder = Path("download/Submissions") / name
    folder.mkdir(parents=True)
    (folder / "conv.py").write_text("x = 1\\n")
assignment = load_homework(Path(sys.argv[1]), "hw1_conv").assignment
for one in collect([Path("download")], assignment, None, Path("out")).hand_ins:
    print(one.owners[0].id, one.owners[0].account, one.problem or "read")
"""
TIER = """
from pathlib import Path
import sys, time
from click.testing import CliRunner
from grader.commands.cli import main
from grader.commands.doctor import findings
from grader.homework import load_homework
from grader.sandbox.opening import open_sandbox
from grader.sandbox.tiers import TIERS
from grader.sandbox.where import WhereToGrade
print("doctor", any(one.name == "tier jail" for one in findings()))
print("option", "jail" in CliRunner().invoke(main, ["grade", "--help"]).output)
if TIERS["jail"].missing(WhereToGrade()):
    print("protected True")
else:
    with open_sandbox(load_homework(Path(sys.argv[1]), "hw1_conv").assignment, WhereToGrade("jail")) as zygote:
        zygote.take().kill()
        print("protected", zygote.tier == "jail" and len(zygote.protections) > 3)
"""
PROFILE = """
from grader.data import load
print(load("stripes", 1).images.shape, load("stripes", 1).images.equal(load("stripes", 2).images))
"""
OPTION = """
from pathlib import Path
import sys
from click.testing import CliRunner
from grader.commands import grade
from grader.commands.cli import main
from grader.run.ipc import Setup, from_parent, to_prototype
from grader.sandbox.opening import open_sandbox
told = []
grade.run = lambda homework, paths, out, options: told.append((homework, options)) or 0
CliRunner().invoke(main, ["grade", "hw1_conv", ".", "-o", "out", "--patient", "--course", sys.argv[1]])
((homework, options),) = told
where = from_parent(to_prototype(Setup("", "", "", options.where, b"", "", ""))).where
print(where.patient, open_sandbox(homework.assignment, where)._limits.submission_seconds / homework.assignment.limits.submission_seconds)
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "files", "script", "said"),
    [
        (
            "verdict", 3, VERDICT,
            "ada/report.html True\nada/report.md True\nada/results.json True\nclass.html True\nterminal True\n",
        ),
        ("platform", 2, PLATFORM, "ada1 ilias 1234 read\nben2 ilias 77 read\n"),
        ("tier", 2, TIER, "doctor True\noption True\nprotected True\n"),
        ("profile", 2, PROFILE, "torch.Size([32, 1, 8, 8]) False\n"),
        ("option", 3, OPTION, "True 2.0\n"),
    ],
)  # fmt: skip
def test_one_more(name, files, script, said, tmp_path):
    patch = (PATCHES / f"{name}.patch").read_text("utf-8")
    assert len(re.findall(r"^\+\+\+ ", patch, re.MULTILINE)) <= files
    shutil.copytree(ROOT / "grader", tmp_path / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], cwd=tmp_path, input=patch, text=True, check=True)
    ran = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, said), ran.stderr
