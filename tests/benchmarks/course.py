"""The homework that is measured: hw1_conv without its training, in a course of its own.

A training takes the second that it takes, in this grader and in any other, and would hide what is compared.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from grader.homework import Homework, load_homework

ROOT = Path(__file__).resolve().parents[2]
HOMEWORK = "hw1_conv"


def without_training(folder: Path) -> Homework:
    """Write the course below `folder`."""
    for part in ("assignments", "reference", "tests/hidden"):
        shutil.copytree(ROOT / part / HOMEWORK, folder / part / HOMEWORK)
    shutil.copy(ROOT / "assignments" / "course.toml", folder / "assignments")
    specification = folder / "assignments" / HOMEWORK / "assignment.toml"
    text = specification.read_text("utf-8")
    text = re.sub(r"\[training\.lenet\]\n(?:\w.*\n)+", "", text)
    text = re.sub(r'\[\[parts\]\]\nname = "training"\n(?:\w.*\n)+', "", text)
    specification.write_text(text.replace("points = 110", "points = 100"), "utf-8")
    suite = folder / "tests" / "hidden" / HOMEWORK
    (suite / "test_training.py").unlink()
    (suite / "calibration.json").unlink()
    for path in (folder / "reference" / HOMEWORK / "mistakes").glob("*.py"):
        source = path.read_text("utf-8")
        if 'PARTS = ("training",)' in source:
            path.unlink()
        else:
            path.write_text(source.replace(', "training")', ",)"), "utf-8")
    return load_homework(folder, HOMEWORK)
