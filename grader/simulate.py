"""The simulated class: submissions drawn from the reference, the alternatives, the mistakes and every kind of trouble.

Deterministic from a seed. Behind `make demo`, and the load of benchmarks.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from rich.console import Console

from grader.errors import UsageError
from grader.grading import Options
from grader.grading import run as grade
from grader.homework import Homework, Mistake

NAMES = (  # noqa: SIM905 - names read better in a row
    "ada amir ana ben bo chen dara eli emma finn gita hugo ida ines ivan jana joon kai kofi lea "
    "lena li lin luca maya mei mina nia noor omar pia raj rosa sara sven tara tomo uma wei yuki"
).split()
SLIPS = (0, 0, 1, 1, 1, 2, 2, 3)  # how many parts a simulated student gets wrong

# Trouble is appended to the reference: the last definition of a function counts. {function} is drawn.
TROUBLE = {
    "endless loop": "\n\ndef {function}(*args, **kwargs):\n    while True:\n        pass\n",
    "ends its process": "\n\ndef {function}(*args, **kwargs):\n    import os\n    os._exit(0)\n",
    "takes all memory": "\n\ndef {function}(*args, **kwargs):\n    return torch.ones(10 << 30, dtype=torch.uint8)\n",
    "banned operator": (
        "\n\ndef conv2d_forward(x, w, b, stride=1, pad=0):\n"
        "    return torch.nn.functional.conv2d(x, w, b, stride=stride, padding=pad)\n"
    ),
    "raises": "\n\ndef {function}(*args, **kwargs):\n    return torch.zeros(2, 3) @ torch.zeros(2, 3)\n",
    "not a number": "\n\ndef relu_forward(x):\n    return x / (x > 0)\n",
}
FUNCTIONS = ("relu_backward", "linear_backward")


def simulate(homework: Homework, folder: Path, students: int, seed: int) -> list[Path]:
    """Write a class of submissions below `folder`, one folder each, and return their paths."""
    draw = random.Random(seed)  # noqa: S311 - a class is drawn, not a secret
    paths = []
    for number, content in enumerate(_contents(homework, students, draw)):
        repeat = number // len(NAMES)
        path = folder / (NAMES[number % len(NAMES)] + (f"-{repeat + 1}" if repeat else ""))
        path.mkdir(parents=True)
        if content is not None:
            (path / homework.assignment.files[0]).write_text(content, "utf-8")
        paths.append(path)
    return paths


def _contents(homework: Homework, students: int, draw: random.Random) -> list[str | None]:
    troubled: list[str | None] = [None, _syntax_error(homework), homework.starter_source]
    troubled += [homework.reference_source + text.format(function=draw.choice(FUNCTIONS)) for text in TROUBLE.values()]
    correct = [homework.reference_source, *homework.alternatives.values()]
    drawn = troubled[: max(0, students - len(correct))]
    while len(drawn) < students:
        slips = draw.choice(SLIPS)
        drawn.append(homework.wrong_source(_combination(homework, draw, slips)) if slips else draw.choice(correct))
    draw.shuffle(drawn)
    return drawn


def _combination(homework: Homework, draw: random.Random, slips: int) -> list[Mistake]:
    """Mistakes in as many different parts."""
    chosen: list[Mistake] = []
    for mistake in draw.sample(homework.mistakes, len(homework.mistakes)):
        if len(chosen) < slips and not {part for one in chosen for part in one.parts} & set(mistake.parts):
            chosen.append(mistake)
    return chosen


def _syntax_error(homework: Homework) -> str:
    return homework.reference_source.replace("):\n", ")\n", 1)


def demo(homework: Homework, out: Path, students: int, seed: int, tier: str | None) -> int:
    """Simulate a class, grade it, print the table. Returns the exit code of `grader grade`."""
    console = Console()
    submissions, reports = out / "submissions", out / "reports"
    for folder in (submissions, reports):
        if folder.exists() and not (out / ".demo").exists():
            raise UsageError(f"{folder} exists and is no demo's: choose another folder with -o")
        shutil.rmtree(folder, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / ".demo").touch()
    console.print(f"{homework.assignment.title}: a simulated class of {students}, seed {seed}")
    paths = simulate(homework, submissions, students, seed)
    return grade(homework, paths, reports, Options(seed=f"demo {seed}".encode().ljust(16).hex(), tier=tier))
