"""What bans refuse: code tried in a fresh process, confined as a fork is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

PROGRAM = """
import json, sys
import torch, torch._decomp.decompositions, torch._refs, torch._refs.nn.functional
import torch.nn.functional as F
from grader.guest import no_compiler
from grader.guest.bans import ban
torch.set_num_threads(1)
no_compiler.install()
exec(sys.argv[4])
ban(json.loads(sys.argv[1]))
exec(sys.argv[2])
found = {}
for name, code in json.loads(sys.argv[3]).items():
    try:
        exec(code)
        found[name] = "ran"
    except Exception as error:
        found[name] = "refused" if "this assignment forbids" in str(error) else repr(error)
print(json.dumps(found))
"""


def tried(banned: Sequence[str], given: str, codes: Mapping[str, str], *, before: str = "") -> dict[str, str]:
    """Name → "ran", "refused" by a ban, or the exception that something else raised.

    `given` defines the names that the codes use, and `before` those that are made before the ban.
    """
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, json.dumps(banned), given, json.dumps(codes), before]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found
