"""The attacks: what each does, what it must get here, and how its success would be seen."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COURSE = HERE / "homework"
SUBMISSIONS = HERE / "submissions"
AGAINST = HERE / "against"  # attacks on a homework of the course's own

CANARIES = (
    "CANARY-reference-5d0c2b6a9e174f83a1b7c6d2e8f40913",
    "CANARY-mistake-0f7b3a58d6c94e21b8a5d3e7c1f62094",
    "CANARY-suite-c2e91f7d4b6a48059d3e8a7f1c5b2064",
    "CANARY-environment-8e41b7d05c3f4a92b6e07d9a1c58f326",
    "CANARY-descriptor-a3f60c9e72d84b15907b2e6f8d41c573",
    "CANARY-memory-71d5e83b0a9c4f26b8e4703d6c9f1a52",
    "CANARY-neighbour-b4a70c2e91d84f6385f2d7e01a9c6b38",
)
SUCCESSES = {
    "score": "the attacked part gets points",
    "canary": "a planted secret stands in something that the student reads",
    "litter": "the same submission, graded once more, finds what it left and gets points by it",
    "process": "something of it runs on after it was graded",
    "sibling": "an honest submission beside or after it gets another grade",
    "stall": "the rest of the submission is not graded in time",
    "page": "a report shows, runs or loads what it should not",
    "files": "a file lands outside the submission's folder, or the reader chokes",
    "words": "the report has the attacker's words as the grader's own",
    "held": "a worker is held for longer than the submission's limit and a second",
    "memory": "the judge's memory grows by more than 500 MB",
    "class": "somebody else's work is not taken in, is another's as well, or says something else",
}
# What an attack on a homework of the course's own does to a grader that knows only the one made for attacks.
LIKEWISE = {
    "sleeps": "import time\ndef scale(x):\n    time.sleep(60)\n",
    "allocates": "import torch\nheld = torch.ones(80_000_000, dtype=torch.float64)\ndef scale(x):\n    return 3 * x\n",
    "has it done": "import torch\ndef scale(x):\n    return torch.add(x, x)\n",
    "reads the reference": "import reference_solution\ndef scale(x):\n    return reference_solution.scale(x)\n",
}
CONTROLS = ("naive", "shared", "wire", "archive", "report", "class")
VERDICTS = {"passed", "failed", "error", "forbidden", "timeout", "memory", "crash", "blocked", "intake error", "taken"}


@dataclass(frozen=True)
class Attack:
    """One attack. `files` is what is handed in; the other two are for attacks that are bytes."""

    group: str
    name: str
    sentence: str
    verdicts: frozenset[str]
    success: str
    control: str = "naive"
    part: str = "scale"
    files: dict[str, bytes] = field(default_factory=dict)
    naive: Any = None  # what the control is given, where that is not `files`
    here: Callable[[], bool] | None = None  # an attack on another station than the sandbox: whether it succeeded
    course: str = ""  # the homework that it is an attack on, where that is not the one made for attacks
    after: str = ""  # "reference": it is appended to the model answer

    @property
    def id(self) -> str:
        """Group and name, as on the command line."""
        return f"{self.group}/{self.name}"


_HEADER = re.compile(rb'\A"""(?P<sentence>[^"]+?)\n(?P<keys>(?:[a-z]+: [^\n]+\n)+)"""', re.DOTALL)


def read(path: Path) -> Attack:
    """The attack in a file, or in the folder around a `hostile.py`. Its header is matched, never parsed: it is hostile.

    Raises `ValueError` for a header that is not of the fixed form.
    """
    main = path / "hostile.py" if path.is_dir() else path
    found = _HEADER.match(main.read_bytes())
    if not found:
        raise ValueError(f"{main} has no header")
    keys = dict(line.split(": ", 1) for line in found["keys"].decode().splitlines())
    course, after, naive = keys.pop("course", ""), keys.pop("after", ""), keys.pop("naive", "")
    files = {"hostile.py": main.read_bytes()}
    if path.is_dir():
        files = {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if _is_work(p)}
    verdicts = frozenset(keys.pop("verdict").split(", "))
    group, success, control = keys.pop("class"), keys.pop("success"), keys.pop("control")
    part = keys.pop("part", "scale")
    if keys or not verdicts <= VERDICTS or success not in SUCCESSES or control not in CONTROLS:
        raise ValueError(f"{main} has a header with unknown words")
    sentence = " ".join(found["sentence"].decode().split())
    likewise = {"hostile.py": LIKEWISE[naive].encode()} if naive else None
    return Attack(group, path.stem, sentence, verdicts, success, control, part, files, likewise, None, course, after)


def _is_work(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def on_classes() -> Sequence[Attack]:
    """Attacks on a class run; none in Gradescope's container, which lacks what collects a class."""
    if not all(importlib.util.find_spec(name) for name in ("yaml", "sqlalchemy")):
        return ()
    from tests.hostile import classes

    return classes.ATTACKS


def load() -> list[Attack]:
    """The whole corpus, by class and name."""
    from tests.hostile import archives, generated, reports, wire

    paths = [path for folder in sorted(SUBMISSIONS.iterdir()) for path in sorted(folder.iterdir())]
    paths += sorted(AGAINST.iterdir())
    attacks = [read(path) for path in paths if path.suffix == ".py" or (path / "hostile.py").is_file()]
    attacks += [*generated.ATTACKS, *wire.ATTACKS, *archives.ATTACKS, *on_classes(), *reports.ATTACKS]
    ids = [attack.id for attack in attacks]
    assert len(ids) == len(set(ids)), "two attacks have one name"
    return sorted(attacks, key=lambda attack: attack.id)
