"""`python -m tests.hostile.run`: every attack on a naive grader and on this one, as a table.

Exit code 1 if an attack succeeds here, fails there, gets another verdict than it declares, or if an honest submission
is accused.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.outcome import Verdict
from grader.sandbox.tiers import TIERS
from tests.hostile import contained, corpus, honest, reports, shared
from tests.hostile.corpus import CANARIES, Attack
from tests.hostile.here import Here, Result, submission
from tests.hostile.naive import Naive

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "attacks.md"
SECURITY = ROOT / "docs" / "security.md"
RATE_BEGINS, RATE_ENDS = "<!-- made by make hostile ARGS=--docs -->", "<!-- so far -->"


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


@dataclass(frozen=True)
class Tried:
    """What one tier was tried with, and what came of it. Kept as JSON between processes."""

    tier: str
    date: str
    rows: list[dict[str, Any]]
    honest: int  # submissions
    accused: list[str]

    @property
    def accepted(self) -> int:
        """Attacks that succeed."""
        return sum(row["here"] for row in self.rows)


def let_loose(
    attacks: list[Attack],
    there: dict[str, tuple[bool, str]],
    tier: str | None,
    engine: str | None,
    *,
    browser: bool,
    honestly: bool,
) -> Tried:
    """Try a tier with these attacks, and with honest work; print a line for each."""
    rows = []
    with Here(tier, engine=engine, browser=browser) as here:
        for attack in attacks:
            row = Row(attack, there.get(attack.id), here.withstand(attack))
            rows.append(as_data(row))
            print(line(row), flush=True)
        falsely = list(accused(here)) if honestly else []
        name = here.zygote.tier
    for one in falsely:
        print(f"FALSELY ACCUSED {one}")
    number = len(honest.submissions()) if honestly else 0
    return Tried(name, datetime.now(UTC).date().isoformat(), rows, number, falsely)


def others(folder: Path) -> Iterator[Tried]:
    """What the other tiers of this machine do, two at a time, each in a process of its own.

    Where one is not to be had, it is said.
    """
    with ThreadPoolExecutor(2) as pool:  # a tier keeps one core busy
        found = pool.map(
            lambda tier: _tried_in(tier, folder / f"{tier}.json"), ("namespaces", "in-container", "container")
        )
        yield from (one for one in found if one is not None)


def _tried_in(tier: str, file: Path) -> Tried | None:
    arguments = ["-m", "tests.hostile.run", "--here", "--no-browser", "--isolation", tier, "--json"]
    command, environment = [sys.executable, *arguments, str(file)], None
    why = TIERS[tier].missing()
    if tier == "in-container":
        why = contained.lacking()
        command = contained.inside(*arguments, f"/srv/out/{file.name}")
        environment = contained.environment(file.parent)
    if why:
        print(f"SKIPPED {tier}: {why}")
        return None
    subprocess.run(command, check=False, cwd=ROOT, env=environment)
    return Tried(**json.loads(file.read_text()))


def main() -> int:
    """Run, print, and say by the exit code whether all of it holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", type=Path, help="write the results here")
    parser.add_argument("--only", default="", metavar="CLASS/NAME", help="attacks whose id starts so")
    parser.add_argument("--isolation", help="the tier to attack")
    parser.add_argument("--engine", help="docker or podman, of isolation container")
    parser.add_argument(
        "--docs", action="store_true", help=f"all tiers of this machine, and write {DOCS.relative_to(ROOT)}"
    )
    parser.add_argument("--here", action="store_true", help="leave the naive graders out")
    parser.add_argument("--no-browser", action="store_true", help="judge attacks on readers by their verdict alone")
    parser.add_argument("--in-sandbox", action="store_true", help="leave out what is judged before a sandbox opens")
    options = parser.parse_args()
    attacks = [attack for attack in corpus.load() if attack.id.startswith(options.only)]
    if options.in_sandbox:
        attacks = [attack for attack in attacks if attack.here is None]
    started = time.monotonic()
    there = {} if options.here else controls(attacks)
    tried = [
        let_loose(
            attacks, there, options.isolation, options.engine,
            browser=not options.no_browser, honestly=not options.only,
        )
    ]  # fmt: skip
    if options.docs:
        with tempfile.TemporaryDirectory() as folder:
            tried += others(Path(folder))
        DOCS.write_text(page(tried))
        said = SECURITY.read_text()
        begin, end = said.index(RATE_BEGINS) + len(RATE_BEGINS), said.index(RATE_ENDS)
        SECURITY.write_text("\n".join([said[:begin], *rate(tried), said[end:]]))
    print("\n" + "\n".join(rate(tried)) + f"\n{time.monotonic() - started:.0f} s")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(asdict(tried[0]), indent=1) + "\n")
    return 1 if any(one.accused or any(row["faults"] for row in one.rows) for one in tried) else 0


def rate(tried: list[Tried]) -> list[str]:
    """The table of what was accepted and who was accused, tier by tier."""
    lines = [
        "| tier | attacks accepted / tried | honest work accused / tried | longest attack | date |",
        "|---|---|---|---|---|",
    ]
    for one in tried:
        longest = max((row["seconds"] for row in one.rows), default=0)
        lines.append(
            f"| {one.tier} | {one.accepted} / {len(one.rows)} | {len(one.accused)} / {one.honest} | {longest:.1f} s | {one.date} |"
        )
    return lines


def line(row: Row) -> str:
    """A row for the terminal."""
    naive = "-" if row.naive is None else "defeated" if row.naive[0] else "WITHSTOOD"
    here = "DEFEATED" if row.here.succeeded else ", ".join(sorted(row.here.verdicts))
    text = f"{row.attack.id:<52} {naive:<10} {here:<22} {row.attack.sentence[:70]}"
    return "\n    ".join([text, *row.faults])


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


def page(tried: list[Tried]) -> str:
    """docs/attacks.md."""
    first = tried[0]
    counts = Counter(row["class"] for row in first.rows)
    defeat_naive = sum(row["naive"] is True for row in first.rows)
    seconds = [{(row["class"], row["attack"]): row["seconds"] for row in one.rows} for one in tried]
    lines = [
        "# Attacks",
        "",
        "Made by `make hostile ARGS=--docs`; do not edit.",
        "",
        f"{len(first.rows)} attacks in {len(counts)} classes, of which {defeat_naive} were seen to defeat a naive grader.",
        "What this one accepts, and whom it accuses:",
        "",
        *rate(tried),
        "",
        "Each attack is first run against a deliberately naive grader (`tests/hostile/naive.py`), where it must",
        "succeed: an attack that succeeds nowhere proves nothing. Then this grader judges it. It counts as successful",
        "here if it gets what it is after, if an honest submission after it is graded otherwise or waits, or if a",
        "planted secret appears in any report. Seconds are the worker's, from the submission before to the end of this",
        "one's reports; a submission of the homework made for attacks may take 8, one of a real homework 15 here.",
        "",
        "| what success would be | means |",
        "| --- | --- |",
        *(f"| {name} | {meaning} |" for name, meaning in corpus.SUCCESSES.items()),
        "",
    ]
    for group, count in counts.items():
        tiers = " | ".join(f"{one.tier}, s" for one in tried)
        lines += [f"## {group.capitalize()} ({count})", "", f"| attack | after | naive grader | here | {tiers} |"]
        lines += ["| --- | --- | --- | --- |" + " --- |" * len(tried)]
        for row in first.rows:
            if row["class"] == group:
                naive = {True: "defeated", False: "withstood", None: "not tried"}[row["naive"]]
                here = "**defeated**" if row["here"] else ", ".join(row["verdicts"])
                took = [one.get((group, row["attack"])) for one in seconds]
                cells = " | ".join("" if one is None else f"{one:.1f}" for one in took)
                lines.append(f"{_begun(row['sentence'], row['success'], naive)} {here} | {cells} |")
        lines.append("")
    return "\n".join([*lines, *LIMITS, ""])


def seen_to_defeat(attack: Attack, page: str) -> bool:
    """Whether docs/attacks.md says that an attack succeeded against a naive grader."""
    return f"\n{_begun(attack.sentence, attack.success, 'defeated')} " in page


def _begun(sentence: str, success: str, naive: str) -> str:
    escaped = sentence.replace("|", "\\|").replace("<", "&lt;")
    return f"| {escaped} | {success} | {naive} |"


LIMITS = """## What is not claimed

- `leaves_inputs_alone` believes the submission's own process, which a liar controls. Its weight is meant to be small.
- A ban holds against the ways to call torch that are known here. It lives in the submission's own process: code that
  writes to that process's memory at will (ctypes, numpy's array interface) can lift it, and a search by type for the
  object behind it is only made fruitless. Such code breaks the exercise's rule; it reaches no score and no secret.
- What a submission is sent it may print. Inputs are drawn from the run's secret seed, so they are of no use later.
""".splitlines()


if __name__ == "__main__":
    sys.exit(main())
