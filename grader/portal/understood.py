"""What was understood of an upload, before it counts: which of the starter's functions it defines.

To say that, its sources have to be parsed, which students' bytes never are in the web process: a process of its own
does it, which runs nothing of theirs, sees no environment, and has two seconds and 512 MB. It starts in 30 ms.
"""

from __future__ import annotations

import ast
import json
import resource
import subprocess
import sys
from collections.abc import Mapping

SECONDS, MEMORY = 2, 512 << 20


def understood(files: Mapping[str, bytes], starter: Mapping[str, str]) -> dict[str, object]:
    """What a submission's files define of what the starter's files do.

    "files": name and bytes; "missing": the starter's functions that are not there, by file; "wanted": how many it has;
    "fault": where the syntax is wrong, or that it could not be looked at.
    """
    sizes = [[name, len(content)] for name, content in files.items()]
    asked = {name: [files.get(name, b"").decode("utf-8", "replace"), source] for name, source in starter.items()}
    try:
        said = subprocess.run(
            [sys.executable, "-I", "-S", __file__],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS * 2,
            check=True,
            env={},
        )
        found = json.loads(said.stdout)
    except (subprocess.SubprocessError, ValueError):
        found = {"missing": {}, "wanted": 0, "fault": "It could not be parsed: it is too deep or too large."}
    return {"files": sizes, **found}


def _defined(source: str) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.parse(source).body if isinstance(node, kinds)]


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    missing: dict[str, list[str]] = {}
    wanted, fault = 0, ""
    for name, (source, starter) in json.load(sys.stdin).items():
        names = _defined(starter)
        wanted += len(names)
        try:
            there = set(_defined(source))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            fault = f"{name}, line {line}: the syntax is wrong" if line else f"{name}: the syntax is wrong"
            continue
        if lacking := [one for one in names if one not in there]:
            missing[name] = lacking
    json.dump({"missing": missing, "wanted": wanted, "fault": fault}, sys.stdout)


if __name__ == "__main__":
    _main()
