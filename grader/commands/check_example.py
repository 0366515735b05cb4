"""`grader check --example`: the smallest example of a report, asked of the student's own file.

`run` starts this file as a process of its own, as the public checks are: `python -m grader.commands.check_example`.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from grader.errors import UsageError
from grader.report.text import plain

SECONDS = 60
FINE, WRONG, UNREADABLE = 0, 1, 2


def run(folder: Path, work: Path, module: str, example: Path) -> int:
    """Ask the module in the folder `work` what the file says, and print both answers. Returns 1 where they differ."""
    if not example.is_file():
        raise UsageError(f"{example} does not exist; save the example from your report first")
    command = [sys.executable, "-m", "grader.commands.check_example", folder, work, module, example.resolve()]
    try:
        done = subprocess.run([str(one) for one in command], stdin=subprocess.DEVNULL, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UsageError(f"{module}.py gave no answer within {SECONDS} s: is there an endless loop?") from None
    if done.returncode == UNREADABLE:
        raise UsageError(f"{example} is no example of a report")
    return done.returncode


def ask(folder: Path, work: Path, module: str, example: Path) -> int:
    """The same in this process. Returns `UNREADABLE` where the file is no example."""
    from grader.guest.codec import PROBES
    from grader.homework import module_from_source
    from grader.judging.compare import compare
    from grader.judging.shown import from_json, literal

    try:
        asked = json.loads(example.read_text("utf-8"))
        name, args = str(asked["function"]), from_json(asked["args"])
        kwargs = {str(key): from_json(value) for key, value in asked["kwargs"].items()}
        raises, expected = asked.get("raises", ""), from_json(asked.get("expected"))
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return UNREADABLE
    sys.path.insert(0, str(work))
    try:
        student: Any = importlib.import_module(module)
    finally:
        sys.path.remove(str(work))
    function = getattr(student, name.removeprefix(PROBES), None)
    given = ", ".join([*map(literal, args), *(f"{key}={literal(value)}" for key, value in kwargs.items())])
    before = literal([args, kwargs])
    if name.startswith(PROBES):
        probes = module_from_source("probes", (folder / "probes.py").read_text("utf-8"), "probes.py")
        function = getattr(probes, name.removeprefix(PROBES))
    if function is None:
        _say(f"{module}.py defines no `{name}`", "bold red")
        return WRONG
    _say(f"{name.removeprefix(PROBES)}({given})")
    try:
        answer = function(*([student] if name.startswith(PROBES) else []), *args, **kwargs)
    except Exception as error:  # noqa: BLE001 - the student's code may raise anything
        is_right = raises == type(error).__name__
        _say(f"raises {type(error).__name__}: {error}", "green" if is_right else "bold red")
        if not is_right:
            _say(f"expected: {f'raises {raises}' if raises else literal(expected)}")
        return FINE if is_right else WRONG
    _say(f"yours:    {literal(answer)}")
    _say(f"expected: {f'raises {raises}' if raises else literal(expected)}")
    wrong = _wrong(compare, answer, expected, is_error=bool(raises))
    if not wrong and literal([args, kwargs]) != before:
        wrong = "the function changes its input in place"
    _say(wrong or "right", "bold red" if wrong else "green")
    return WRONG if wrong else FINE


def _wrong(compare: Any, answer: Any, expected: Any, *, is_error: bool) -> str:
    if is_error:
        return "no exception is raised although the arguments are wrong"
    if isinstance(expected, dict):
        if not isinstance(answer, dict) or answer.keys() != expected.keys():
            return "the result has other names"
        return next(filter(None, (_wrong(compare, answer[k], expected[k], is_error=False) for k in expected)), "")
    found = compare(answer, expected)
    return str(found.message) if found else ""


def _say(text: str, style: str = "") -> None:
    Console(highlight=False, soft_wrap=True).print(Text(plain(text), style))


if __name__ == "__main__":
    sys.exit(ask(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
