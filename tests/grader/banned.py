"""What a homework's bans refuse: expressions tried in a fresh process, confined as a fork is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

from grader.homework import Homework

PROGRAM = """
import json, sys
import torch, torch._decomp.decompositions, torch._refs, torch._refs.nn.functional
import torch.nn.functional as F
from grader.guest import standins
from grader.guest.bans import ban
torch.set_num_threads(1)
standins.install()
ban(json.loads(sys.argv[1]))
exec(sys.argv[2])
found = {}
for name, expression in json.loads(sys.argv[3]).items():
    try:
        eval(expression)
        found[name] = "ran"
    except Exception as error:
        found[name] = "refused" if "this assignment forbids" in str(error) else repr(error)
print(json.dumps(found))
"""


def tried(homework: Homework, given: str, expressions: Mapping[str, str]) -> dict[str, str]:
    """Name → "ran", "refused" by a ban, or the exception that something else raised. `given` defines the names used."""
    banned = json.dumps(homework.assignment.banned)
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, banned, given, json.dumps(expressions)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found
