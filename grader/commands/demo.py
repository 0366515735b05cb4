"""The simulated class: submissions drawn from the reference, the alternatives, the mistakes and every kind of failure.

Deterministic from a seed. Behind `make demo`, and the load of benchmarks.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from grader.errors import UsageError
from grader.homework import Homework, Mistake, load_homework
from grader.sandbox.where import WhereToGrade

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
LATE = 0.05  # share of a class that hands in after the due date
HASTE = 5  # the demo gives a call this fraction of its time: so long an endless loop is waited for
SECTIONS = ("Mon 10", "Wed 14", "Fri 12")


def simulate(homework: Homework, folder: Path, students: int, seed: int) -> list[Path]:
    """Write a class of submissions below `folder`, one folder each, and return their paths."""
    draw = random.Random(seed)  # noqa: S311 - a class is drawn, not a secret
    paths = []
    for number, content in enumerate(_contents(homework, students, draw)):
        repeat = number // len(NAMES)
        path = folder / (NAMES[number % len(NAMES)] + (f"-{repeat + 1}" if repeat else ""))
        path.mkdir(parents=True)
        if content is not None:
            for file, source in {homework.assignment.files[0]: content, **homework.other_sources}.items():
                (path / file).write_text(source, "utf-8")
        paths.append(path)
    return paths


def _contents(homework: Homework, students: int, draw: random.Random) -> list[str | None]:
    troubled: list[str | None] = [None, _syntax_error(homework), homework.starter_source]
    own = re.findall(r"^def (?!train)(\w+)\(", homework.starter_source, re.MULTILINE)  # a training may take its time
    for text in TROUBLE.values():
        (named,) = re.findall(r"def (\S+)\(", text)
        if "{" in named or named in own:
            troubled.append(homework.reference_source + text.format(function=draw.choice(own[-2:])))
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


def write_roster(path: Path, students: Sequence[str], seed: int) -> None:
    """A roster of these students and one who never hands anything in; a few have extensions."""
    draw = random.Random(f"roster {seed}")  # noqa: S311 - as above
    lines = ["id,name,email,section,extension"]
    for student in [*students, "zoe"]:
        name = student.replace("-", " ").title()
        extension = 2 if draw.random() < LATE else 0
        lines.append(f"{student},{name},{student}@example.edu,{draw.choice(SECTIONS)},{extension}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_times(path: Path, students: Sequence[str], due: datetime | None, seed: str) -> None:
    """When each student handed in: most in the last days, some a few hours late."""
    draw = random.Random(f"times {seed}")  # noqa: S311 - as above
    lines = ["id,submitted_at"]
    for student in students:
        hours = draw.uniform(0, 30) if draw.random() < LATE else -draw.expovariate(1 / 30)
        if due is not None:
            lines.append(f"{student},{(due + timedelta(hours=hours)).isoformat(timespec='seconds')}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def hasty(homework: Homework, course: Path) -> Homework:
    """Write a copy of a homework, and of the course's `course.toml`, below `course`. Its calls have less time.

    A homework that does not say `call_seconds` keeps the default.
    """
    name = homework.assignment.name
    copies = (homework.public, "assignments"), (homework.reference, "reference"), (homework.suite, "tests/hidden")
    for folder, place in copies:
        shutil.copytree(folder, course / place / name, ignore=shutil.ignore_patterns("__pycache__"))
    about = homework.public.parent / "course.toml"
    if about.is_file():
        shutil.copy(about, course / "assignments")
    specification = course / "assignments" / name / "assignment.toml"
    text, seconds = specification.read_text("utf-8"), homework.assignment.limits.call_seconds / HASTE
    text = re.sub(r"^call_seconds *=.*$", f"call_seconds = {seconds:g}", text, flags=re.MULTILINE)
    specification.write_text(text, "utf-8")
    return load_homework(course, name)


def demo(
    homeworks: Sequence[Homework],
    out: Path,
    students: int,
    seed: int,
    where: WhereToGrade,
    *,
    in_haste: bool = False,
) -> int:
    """Simulate a class and grade its homeworks, each into OUT/reports/<homework>; several get one OUT/class.html, too.

    `in_haste` gives their calls less time. Returns the exit code of `grader grade`.
    """
    from grader.commands.grade import Options
    from grader.commands.grade import run as grade
    from grader.commands.gradebook import run as gradebook

    console = Console()
    for path in [out / name for name in ("submissions", "reports", "course", "gradebook", "class.html")]:
        if path.exists() and not (out / ".demo").exists():
            raise UsageError(f"{path} exists and is no demo's: choose another folder with -o")
        if path.is_file():
            path.unlink()
        shutil.rmtree(path, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / ".demo").touch()
    for homework in homeworks:
        if in_haste:
            homework = hasty(homework, out / "course")
        assignment = homework.assignment
        console.print(f"{assignment.title}: a simulated class of {students}, seed {seed}")
        paths = simulate(homework, out / "submissions" / assignment.name, students, seed)
        names = sorted(path.name for path in paths)
        roster, times = out / "roster.csv", out / f"times-{assignment.name}.csv"
        write_roster(roster, names, seed)
        write_times(times, names, assignment.due, f"{assignment.name} {seed}")
        secret = f"demo {seed}".encode().ljust(16).hex()
        options = Options(seed=secret, where=where, roster=roster, times=times)
        code = grade(homework, paths, out / "reports" / assignment.name, options)
        if code:
            return code
    if len(homeworks) == 1:
        return 0  # its own page is the class's
    return gradebook([out / "reports" / homework.assignment.name for homework in homeworks], out)
