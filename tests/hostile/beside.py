"""`python -m tests.hostile.beside`: the corpus, judged by two judges at once, each attack between honest submissions.

What an attack does to its neighbour shows: a neighbour's honest submission is graded otherwise, or its own attack gets
what it gets nowhere else. Attacks on a neighbour run once more while one judge does nothing but
grade honest work. Exit code 1 if any attack succeeds, gets another verdict than it declares, or if an honest submission
is accused.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests.hostile import corpus, shared
from tests.hostile.here import Here, Result, same, submission
from tests.hostile.run import Row, accused, as_data, line

JUDGES = 2
SPAWN = multiprocessing.get_context("spawn")
_opened: list[Here] = []  # the judge of a process that does nothing else


def judge(tier: str | None, only: str, number: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Let this judge's share of the attacks loose. Returns a row for each, and the honest who are accused."""
    rows = []
    with Here(tier, browser=False) as here:
        for attack in chosen(only)[number::JUDGES]:
            row = Row(attack, None, here.withstand(attack))
            rows.append(as_data(row))
            print(f"{number}: {line(row)}", flush=True)
        return rows, list(accused(here))


def chosen(only: str) -> list[corpus.Attack]:
    """The attacks whose id starts so, and that enter a sandbox: the others meet no neighbour."""
    return [attack for attack in corpus.load() if attack.here is None and attack.id.startswith(only)]


def reached(tier: str | None, only: str) -> Iterator[str]:
    """What those attacks reach that are after a neighbour who is graded all the while, in sentences."""
    attacks = [attack for attack in chosen(only) if attack.control == "shared"]
    with ProcessPoolExecutor(1, SPAWN, _open, (tier,)) as pool, Here(tier, browser=False) as here:
        neighbour = submission(_neighbour(here.homework.reference_source), "neighbour")
        alone = here.grade(neighbour)
        for attack in attacks:
            attacking = pool.submit(_attack, attack.id)
            beside = []
            while not attacking.done():
                beside.append(here.grade(neighbour))
            result = attacking.result()
            wrong = [one for one in beside if not same(one, alone)]
            print(f"{attack.id:<52} beside {len(beside)} honest gradings, of which {len(wrong)} differ", flush=True)
            if not beside or wrong or result.succeeded:
                differ = [(o.check.name, o.verdict, o.message) for one in wrong[:1] for o in one.outcomes if o.message]
                yield f"{attack.id} beside an honest submission: {result.seen if result.succeeded else differ[:2]}"
        pool.submit(_close).result()


def _open(tier: str | None) -> None:
    _opened.append(Here(tier, browser=False).__enter__())


def _attack(name: str) -> Result:
    return _opened[0].withstand(next(attack for attack in corpus.load() if attack.id == name))


def _close() -> None:
    _opened.pop().__exit__()


def _neighbour(reference: str) -> dict[str, bytes]:
    """An honest submission as the naive grader's, with the functions of this homework."""
    main = f"{reference}\n\n{shared.MAIN.partition('import')[1]}{shared.MAIN.partition('import')[2]}"
    return {"hostile.py": f"{main}\n# {shared.CANARY}\n".encode(), "helper.py": shared.HELPER.encode()}


def main() -> int:
    """Run, print, and say by the exit code whether all of it holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--isolation", help="the tier to attack")
    parser.add_argument("--only", default="", metavar="CLASS/NAME", help="attacks whose id starts so")
    parser.add_argument("--json", type=Path, help="write the results here")
    options = parser.parse_args()
    started = time.monotonic()
    with ProcessPoolExecutor(JUDGES, SPAWN) as pool:
        found = list(pool.map(functools.partial(judge, options.isolation, options.only), range(JUDGES)))
    rows = [row for own, _ in found for row in own]
    wrong = [f"{row['class']}/{row['attack']}: {'; '.join(row['faults'])}" for row in rows if row["faults"]]
    wrong += [f"falsely accused: {one}" for _, own in found for one in own]
    wrong += reached(options.isolation, options.only)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    print("\n".join(["", *wrong]))
    taken = time.monotonic() - started
    print(f"{len(rows)} attacks by {JUDGES} judges at once, {len(wrong)} of them not as they should be ({taken:.0f} s)")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
