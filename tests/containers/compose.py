"""docker/compose.yaml as the options of `docker run`: each key that is not known here is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICE: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]["grader"]
ONE = {
    "network_mode": "network",
    "user": "user",
    "shm_size": "shm-size",
    "mem_limit": "memory",
    "pids_limit": "pids-limit",
}
MANY = {
    "cap_drop": "cap-drop",
    "cap_add": "cap-add",
    "security_opt": "security-opt",
    "tmpfs": "tmpfs",
    "volumes": "volume",
}


def options(folders: Mapping[str, str]) -> list[str]:
    """What `docker run` has to be told, with `folders` in the place of the variables."""
    found = []
    for key, value in SERVICE.items():
        if key == "read_only":
            found += ["--read-only"] if value else []
        elif key in ONE:
            found.append(f"--{ONE[key]}={value}")
        elif key != "image":
            found += [f"--{MANY[key]}={_filled(one, folders)}" for one in value]
    return found


def _filled(text: str, folders: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: folders[found[1]], text)
