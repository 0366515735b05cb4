"""`python -m tests.containers.same`: the demo class and the hostile corpus on bubblewrap, Docker, podman and Gradescope.

Writes docs/tiers.md. Exit code 1 if anything comes out differently, or an attack succeeds anywhere. Where there is no
podman its column is left out, and that is said. `--short` leaves the corpus on bubblewrap to
`make test-long` and the one in Gradescope's layout to tests/containers/test_beside.py, and the page as it is.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader.commands.demo import simulate
from grader.intake.submission import find_submissions
from grader.judging import session
from grader.outcome import Grading
from grader.sandbox.container_engine import ENGINES
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade
from grader.seed import Seed
from tests.benchmarks.course import without_training

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "tiers.md"
STUDENTS = 40
FIRST = "bubblewrap"  # what the others are compared with
ELSEWHERE = (FIRST, "in-container")  # whose corpus another test of `.ci/run` holds
SECONDS = 1800  # for one place's class, or its corpus
WHERE = {"bubblewrap": "bubblewrap", "docker": "Docker", "podman": "podman", "in-container": "Gradescope's layout"}

# Judged before a sandbox opens, so on bubblewrap only: archives, and what collects a class. See `--in-sandbox`.
OUTSIDE = ("accuse the honest", "harm the class", "unpack itself")
Found = dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]  # place → the demo class's grades, the corpus's rows


def isolation(place: str) -> tuple[str, str | None]:
    """The tier and the engine of a place."""
    return ("container", place) if place in ENGINES else (place, None)


def demo(place: str) -> dict[str, Any]:
    """Student → points and verdicts, of a class that is always the same, with inputs that are always the same."""
    graded: dict[str, Any] = {}

    def note(grading: Grading) -> None:
        points = round(sum(outcome.earned for outcome in grading.outcomes), 6)
        graded[grading.submission] = [points, [outcome.verdict.value for outcome in grading.outcomes]]

    with tempfile.TemporaryDirectory() as folder:
        homework = without_training(Path(folder) / "course")  # other builds of torch train to other accuracies
        simulate(homework, Path(folder) / "class", STUDENTS, 1)
        submissions = find_submissions([Path(folder) / "class"], homework.assignment)
        tier, engine = isolation(place)
        with open_sandbox(homework.assignment, WhereToGrade(tier, engine=engine)) as zygote:
            session.grade(homework, submissions, zygote, on_graded=note, seed=Seed(b"the same for all"))
    return graded


def hostile(place: str, out: Path) -> list[str]:
    """The arguments of Python that let the corpus loose in a place."""
    tier, engine = isolation(place)
    by = ["--engine", engine] if engine else []
    which = [] if place == FIRST else ["--in-sandbox"]
    return ["-m", "tests.hostile.run", "--here", "--no-browser", *which, "--isolation", tier, *by, "--json", str(out)]


def everywhere(*, short: bool = False) -> Found:
    """What comes out in each place, two places at a time. Each in a process of its own; the last in a container."""
    from tests.containers import machine

    machine.guest()
    without = machine.lacking_podman()
    if without:
        print(f"SKIPPED podman: {without}", file=sys.stderr)
    places = [one for one in WHERE if not (one == "podman" and without)]
    with ThreadPoolExecutor(2) as pool:  # a place keeps one core busy
        found = pool.map(lambda place: _found_in(place, short=short), places)
        return dict(zip(places, found, strict=True))


def _found_in(place: str, *, short: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What comes out in one place: the demo class's grades, and the corpus's rows."""
    from tests.containers import machine

    files = {name: machine.OUT / f"{name}-{place}.json" for name in ("demo", "hostile")}
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    graded = ["-m", "tests.containers.same", place, str(files["demo"])]
    runs = [(graded, machine.LIMITS[1:]), (hostile(place, files["hostile"]), machine.ROOM)]
    if short and place in ELSEWHERE:
        files["hostile"].write_text('{"rows": []}', "utf-8")
        runs.pop()
    for arguments, limits in runs:
        command = [sys.executable, *arguments]
        if place == "in-container":
            words = (word.replace(str(machine.OUT), "/out") for word in arguments)
            command = machine.inside(*words, limits=limits)
        ended = subprocess.run(command, check=False, cwd=ROOT, stdout=sys.stderr, timeout=SECONDS)
        if ended.returncode not in (0, 1):  # 1: something is not as it should be, and is said at the end
            raise subprocess.CalledProcessError(ended.returncode, command)
    grades, tried = (json.loads(path.read_text()) for path in files.values())
    return grades, tried["rows"]


def differences(found: Found) -> list[str]:
    """What came out otherwise than on bubblewrap, and what succeeded, in sentences."""
    said = []
    grades, attacks = found[FIRST]
    for place, (others, rows) in found.items():
        said += [f"{place}: {name} gets {others.get(name)}" for name in grades if others.get(name) != grades[name]]
        said += [
            f"{place}: {row['class']}/{row['attack']}: {'; '.join(row['faults'])}" for row in rows if row["faults"]
        ]
        wanted = [row["attack"] for row in attacks if _is_tried(row, place)]
        if wanted and [row["attack"] for row in rows] != wanted:
            said.append(f"{place}: other attacks than on bubblewrap")
    return said


def _is_tried(row: dict[str, Any], place: str) -> bool:
    return place == FIRST or row["class"] not in OUTSIDE


def page(found: Found) -> str:
    """docs/tiers.md."""
    places = list(found)
    first = found[FIRST]
    head = ["| | " + " | ".join(WHERE[place] for place in places) + " |", "|---|" + "---|" * len(places)]
    classes = list(dict.fromkeys(row["class"] for row in first[1]))
    lines = [
        "# The same grades everywhere",
        "",
        "Made by `make test-docker`; do not edit. This machine with bubblewrap, containers of Docker's and of podman's, and a",
        "default container in Gradescope's layout, where root has no namespaces to make. Attacks on a report's reader count by",
        "their verdict here; a browser opens the reports in `make hostile`. What is judged before a sandbox opens is tried",
        "once.",
        "",
        f"## The demo class ({len(first[0])} students)",
        "",
        *head,
        _row("students", [len(found[place][0]) for place in places]),
        _row("points together", [f"{sum(points for points, _ in found[place][0].values()):g}" for place in places]),
        _row(
            "graded as on bubblewrap",
            [sum(found[place][0].get(n) == g for n, g in first[0].items()) for place in places],
        ),
        "",
        f"## The hostile corpus ({len(first[1])} attacks): how many succeed",
        "",
        *head,
    ]
    for group in classes:
        rows = {place: [row for row in found[place][1] if row["class"] == group] for place in places}
        cells = [f"{sum(row['here'] for row in rows[place])} of {len(rows[place])}" for place in places if rows[place]]
        lines.append(_row(group, [*cells, *[""] * (len(places) - len(cells))]))  # judged before a sandbox opens
    lines += ["", "## Attacks whose verdict differs", "", "Each is one that the attack declares.", ""]
    lines += [*head]
    by_attack = [{(row["class"], row["attack"]): row for row in found[place][1]} for place in places]
    for row in first[1]:
        here = [tried.get((row["class"], row["attack"])) for tried in by_attack]
        verdicts = [", ".join(one["verdicts"]) if one else "" for one in here]
        if len({*verdicts} - {""}) > 1:
            lines.append(_row(f"{row['class']}: {row['sentence']}".replace("|", "\\|"), verdicts))
    return "\n".join([*lines, ""])


def _row(name: str, cells: list[Any]) -> str:
    return "| " + " | ".join(map(str, [name, *cells])) + " |"


def main() -> int:
    """Compare, or, with a place and a file, grade the demo class there."""
    short = sys.argv[1:] == ["--short"]
    if len(sys.argv) == 3:
        Path(sys.argv[2]).write_text(json.dumps(demo(sys.argv[1])))
        return 0
    from tests.containers import machine

    if why := machine.lacking():
        print(f"SKIPPED: {why}", file=sys.stderr)
        return 0
    found = everywhere(short=short)
    if not short:
        DOCS.write_text(page(found))
    said = differences(found)
    print("\n".join(said) or f"The same on {', '.join(WHERE[place] for place in found)}: {DOCS.relative_to(ROOT)}")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
