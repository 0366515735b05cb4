"""`python -m tests.containers.same`: the demo class and the hostile corpus on bubblewrap, container and Gradescope.

Writes docs/tiers.md. Exit code 1 if anything comes out differently, or an attack succeeds anywhere.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader import session
from grader.intake import find_submissions
from grader.outcome import Grading
from grader.sandbox.tiers import open_sandbox
from grader.session import Seed
from grader.simulate import simulate
from tests.benchmarks.course import without_training

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "tiers.md"
STUDENTS = 40
WHERE = {"bubblewrap": "bubblewrap", "container": "Docker", "in-container": "Gradescope's layout"}


def demo(tier: str) -> dict[str, Any]:
    """Student → points and verdicts, of a class that is always the same, with inputs that are always the same."""
    graded: dict[str, Any] = {}

    def note(grading: Grading) -> None:
        points = round(sum(outcome.earned for outcome in grading.outcomes), 6)
        graded[grading.submission] = [points, [outcome.verdict.value for outcome in grading.outcomes]]

    with tempfile.TemporaryDirectory() as folder:
        homework = without_training(Path(folder) / "course")  # other builds of torch train to other accuracies
        simulate(homework, Path(folder) / "class", STUDENTS, 1)
        submissions = find_submissions([Path(folder) / "class"], homework.assignment)
        with open_sandbox(homework.assignment, tier) as zygote:
            session.grade(homework, submissions, zygote, on_graded=note, seed=Seed(b"the same for all"))
    return graded


def hostile(tier: str, out: Path) -> list[str]:
    """The arguments of Python that let the corpus loose on a tier."""
    return ["-m", "tests.hostile.run", "--here", "--no-browser", "--isolation", tier, "--json", str(out)]


def everywhere() -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Tier → the demo class's grades, the corpus's rows. Each in a process of its own; the last in a container."""
    import subprocess

    from tests.containers import machine

    machine.guest()
    found = {}
    for tier in WHERE:
        files = {name: machine.OUT / f"{name}-{tier}.json" for name in ("demo", "hostile")}
        for path in files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
        runs = [["-m", "tests.containers.same", tier, str(files["demo"])], hostile(tier, files["hostile"])]
        for arguments in runs:
            if tier == "in-container":
                machine.inside(*(word.replace(str(machine.OUT), "/out") for word in arguments))
            else:
                subprocess.run([sys.executable, *arguments], check=False, cwd=ROOT, stdout=sys.stderr)
        found[tier] = tuple(json.loads(path.read_text()) for path in files.values())
    return found


def differences(found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> list[str]:
    """What came out otherwise than on bubblewrap, and what succeeded, in sentences."""
    said = []
    grades, attacks = found["bubblewrap"]
    for tier, (others, rows) in found.items():
        said += [f"{tier}: {name} gets {others.get(name)}" for name in grades if others.get(name) != grades[name]]
        said += [f"{tier}: {row['class']}/{row['attack']}: {'; '.join(row['faults'])}" for row in rows if row["faults"]]
        if [row["attack"] for row in rows] != [row["attack"] for row in attacks]:
            said.append(f"{tier}: other attacks than on bubblewrap")
    return said


def page(found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]) -> str:
    """docs/tiers.md."""
    tiers = list(WHERE)
    first = found["bubblewrap"]
    head = ["| | " + " | ".join(WHERE[tier] for tier in tiers) + " |", "|---|" + "---|" * len(tiers)]
    classes = list(dict.fromkeys(row["class"] for row in first[1]))
    lines = [
        "# The same grades everywhere",
        "",
        "Made by `make test-docker`; do not edit. Three places: this machine with bubblewrap, containers of Docker's, and a",
        "default container in Gradescope's layout, where root has no namespaces to make. Attacks on a report's reader count by",
        "their verdict here; a browser opens the reports in `make hostile`.",
        "",
        f"## The demo class ({len(first[0])} students)",
        "",
        *head,
        _row("students", [len(found[tier][0]) for tier in tiers]),
        _row("points together", [f"{sum(points for points, _ in found[tier][0].values()):g}" for tier in tiers]),
        _row("graded as on bubblewrap", [sum(found[t][0].get(n) == g for n, g in first[0].items()) for t in tiers]),
        "",
        f"## The hostile corpus ({len(first[1])} attacks): how many succeed",
        "",
        *head,
    ]
    for group in classes:
        rows = {tier: [row for row in found[tier][1] if row["class"] == group] for tier in tiers}
        cells = [f"{sum(row['here'] for row in rows[tier])} of {len(rows[tier])}" for tier in tiers]
        lines.append(_row(group, cells))
    lines += ["", "## Attacks whose verdict differs", "", "Each is one that the attack declares.", ""]
    lines += [*head]
    for index, row in enumerate(first[1]):
        verdicts = [", ".join(found[tier][1][index]["verdicts"]) for tier in tiers]
        if len(set(verdicts)) > 1:
            lines.append(_row(f"{row['class']}: {row['sentence']}".replace("|", "\\|"), verdicts))
    return "\n".join([*lines, ""])


def _row(name: str, cells: list[Any]) -> str:
    return "| " + " | ".join(map(str, [name, *cells])) + " |"


def main() -> int:
    """Compare, or, with a tier and a file, grade the demo class there."""
    if len(sys.argv) == 3:
        Path(sys.argv[2]).write_text(json.dumps(demo(sys.argv[1])))
        return 0
    from tests.containers import machine

    if why := machine.lacking():
        print(f"SKIPPED: {why}", file=sys.stderr)
        return 0
    found = everywhere()
    DOCS.write_text(page(found))
    said = differences(found)
    print("\n".join(said) or f"The same on {', '.join(WHERE.values())}: {DOCS.relative_to(ROOT)}")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
