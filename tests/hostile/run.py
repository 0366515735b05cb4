"""`python -m tests.hostile.run`: every attack on a naive grader and on this one, as a table.

Exit code 1 if an attack succeeds here, fails there, gets another verdict than it declares, or if an honest submission
is accused.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.outcome import Verdict
from tests.hostile import corpus, honest, reports, shared
from tests.hostile.corpus import CANARIES, Attack
from tests.hostile.here import Here, Result, submission
from tests.hostile.naive import Naive

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "attacks.md"


@dataclass(frozen=True)
class Row:
    """One attack's line: what it got from the naive grader and from this one."""

    attack: Attack
    naive: tuple[bool, str] | None
    here: Result

    @property
    def faults(self) -> list[str]:
        """Why this line is not as it should be."""
        found = []
        if self.naive is not None and not self.naive[0]:
            found.append(f"the naive grader withstands it: {self.naive[1]}")
        if self.here.succeeded:
            found.append(f"it succeeds here: {self.here.seen}")
        if not self.here.verdicts <= self.attack.verdicts:
            found.append(f"its verdict is {', '.join(sorted(self.here.verdicts))}: {self.here.seen}")
        return found


def controls(attacks: list[Attack]) -> dict[str, tuple[bool, str]]:
    """Attack → whether it defeats its naive target, and what was seen."""
    found: dict[str, tuple[bool, str]] = {}
    with ThreadPoolExecutor(2) as pool:
        for part in pool.map(_defeat_all, (attacks[::2], attacks[1::2])):
            found |= part
    return found


def _defeat_all(attacks: list[Attack]) -> dict[str, tuple[bool, str]]:
    if not attacks:
        return {}
    found = {}
    with Naive(CANARIES) as naive:
        for attack in attacks:
            found[attack.id] = defeat(naive, attack)
            if sys.stderr.isatty():
                print(f"\r{attack.id:<60}", end="", file=sys.stderr)
    return found


def defeat(naive: Naive, attack: Attack) -> tuple[bool, str]:
    """Let an attack loose on its naive target. Returns whether it succeeded, and what was seen."""
    if attack.control == "report":
        try:
            return reports.naive(attack)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return False, f"the browser shows nothing: {error}"
    if attack.control == "shared":
        return shared.defeat(attack)
    payload = attack.naive if attack.naive is not None else attack.files
    try:
        part = "scale" if attack.course else attack.part
        return naive.defeat(attack.control, payload, attack.success, part)
    except (OSError, ValueError):  # a TimeoutError is an OSError
        naive.restart()
        return False, "the container does not answer: this proves nothing"


def accused(here: Here) -> Iterator[str]:
    """Honest submissions that do not get full marks."""
    for name, source in honest.submissions().items():
        grading = here.grade(submission(source))
        wrong = [o for o in grading.outcomes if o.verdict is not Verdict.PASSED]
        if wrong:
            yield f"{name}: {wrong[0].check.name} {wrong[0].verdict}: {wrong[0].message}"


def main() -> int:
    """Run, print, and say by the exit code whether all of it holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, help="write the results here")
    parser.add_argument("--only", default="", metavar="CLASS/NAME", help="attacks whose id starts so")
    parser.add_argument("--isolation", help="the tier to attack")
    parser.add_argument("--engine", help="docker or podman, of isolation container")
    parser.add_argument("--docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}")
    parser.add_argument("--here", action="store_true", help="leave the naive graders out")
    parser.add_argument("--no-browser", action="store_true", help="judge attacks on readers by their verdict alone")
    options = parser.parse_args()
    attacks = [attack for attack in corpus.load() if attack.id.startswith(options.only)]
    started = time.monotonic()
    there = {} if options.here else controls(attacks)
    with Here(options.isolation, engine=options.engine, browser=not options.no_browser) as here:
        rows = []
        for attack in attacks:
            rows.append(Row(attack, there.get(attack.id), here.withstand(attack)))
            print(line(rows[-1]), flush=True)
        falsely = [] if options.only else list(accused(here))
        tier = here.zygote.tier
    for one in falsely:
        print(f"FALSELY ACCUSED {one}")
    print(f"\n{conclusion(rows, falsely, tier)} ({time.monotonic() - started:.0f} s)")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([as_data(row) for row in rows], indent=1) + "\n")
    if options.docs:
        DOCS.write_text(page(rows, falsely, tier))
    return 1 if falsely or any(row.faults for row in rows) else 0


def line(row: Row) -> str:
    """A row for the terminal."""
    naive = "-" if row.naive is None else "defeated" if row.naive[0] else "WITHSTOOD"
    here = "DEFEATED" if row.here.succeeded else ", ".join(sorted(row.here.verdicts))
    text = f"{row.attack.id:<52} {naive:<10} {here:<22} {row.attack.sentence[:70]}"
    return "\n    ".join([text, *row.faults])


def conclusion(rows: list[Row], falsely: list[str], tier: str) -> str:
    """The counts, in a sentence."""
    naive = sum(row.naive is not None and row.naive[0] for row in rows)
    here = sum(row.here.succeeded for row in rows)
    graded = len(honest.submissions())
    return (
        f"{len(rows)} attacks in {len({row.attack.group for row in rows})} classes: {naive} defeat a naive grader, "
        f"{here} defeat this one (isolation: {tier}). {graded} honest submissions: {len(falsely)} falsely accused."
    )


def as_data(row: Row) -> dict[str, Any]:
    """A row for the JSON file."""
    return {
        "class": row.attack.group,
        "attack": row.attack.name,
        "sentence": row.attack.sentence,
        "success": row.attack.success,
        "naive": None if row.naive is None else row.naive[0],
        "here": row.here.succeeded,
        "verdicts": sorted(row.here.verdicts),
        "seconds": round(row.here.seconds, 2),
        "seen": row.here.seen[:300],
        "faults": row.faults,
    }


def page(rows: list[Row], falsely: list[str], tier: str) -> str:
    """docs/attacks.md."""
    counts = Counter(row.attack.group for row in rows)
    lines = [
        "# Attacks",
        "",
        "Made by `make hostile ARGS=--docs`; do not edit.",
        "",
        conclusion(rows, falsely, tier),
        "",
        "Each attack is first let loose on a deliberately naive grader (`tests/hostile/naive.py`), where it must",
        "succeed: an attack that succeeds nowhere proves nothing. Then this grader judges it. It counts as successful",
        "here if it gets what it is after, if an honest submission after it is graded otherwise or waits, or if a",
        "planted secret appears in any report.",
        "",
        "| what success would be | means |",
        "| --- | --- |",
        *(f"| {name} | {meaning} |" for name, meaning in corpus.SUCCESSES.items()),
        "",
    ]
    for group in counts:
        lines += [f"## {group.capitalize()} ({counts[group]})", ""]
        lines += ["| attack | after | naive grader | here |", "| --- | --- | --- | --- |"]
        for row in rows:
            if row.attack.group == group:
                naive = "defeated" if row.naive and row.naive[0] else "not tried" if row.naive is None else "withstood"
                here = "**defeated**" if row.here.succeeded else ", ".join(sorted(row.here.verdicts))
                sentence = row.attack.sentence.replace("|", "\\|").replace("<", "&lt;")
                lines.append(f"| {sentence} | {row.attack.success} | {naive} | {here} |")
        lines.append("")
    return "\n".join([*lines, *LIMITS, ""])


LIMITS = """## What is not claimed

- `leaves_inputs_alone` believes the submission's own process, which a liar controls. Its weight is meant to be small.
- A ban holds against the ways to call torch that are known here. It lives in the submission's own process: code that
  writes to that process's memory at will (ctypes, numpy's array interface) can lift it, and a search by type for the
  object behind it is only made fruitless. Such code breaks the exercise's rule; it reaches no score and no secret.
- What a submission is sent it may print. Inputs are drawn from the run's secret seed, so they are of no use later.
""".splitlines()


if __name__ == "__main__":
    sys.exit(main())
