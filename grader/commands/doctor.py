"""`grader doctor`: which isolation this machine offers, and the command that installs what is missing.

Quick: it starts no sandbox and imports no torch. Whether the walls hold is proved at the start of every run.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass

import click

from grader.guest import linux, seccomp
from grader.sandbox import container_engine as engines
from grader.sandbox.cgroup import make_cgroup
from grader.sandbox.tiers import TIERS, Tier
from grader.sandbox.where import ANYWHERE

FINE, GRADER_FAILED = 0, 3
NO_TIER = "Nothing can be graded here: no isolation tier is available. `grader check` still runs the public checks."
# How each line of a proof begins, and its colour. What could not be tried is no proof: as loud as what got through.
MARKS = {
    "held": ("held   ", "green"),
    "not available": ("absent ", "yellow"),
    "not tried": ("UNTRIED", "red"),
}
PACKAGES = ("torch", "torchvision", "numpy", "pytest", "pydantic", "msgspec", "gradescope-utils")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: what was looked at, whether it is there, and what to know or do about it."""

    name: str
    there: bool
    note: str
    needed: bool = False  # without it nothing can be graded


def run(*, as_json: bool, probe: bool) -> int:
    """Print the findings. Returns 3 where nothing can be graded on this machine, or where a wall is not proven."""
    if probe:
        return _probe(as_json=as_json)
    found = findings()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        for one in found:
            mark = click.style("ok     ", fg="green") if one.there else click.style("missing", fg="yellow")
            click.echo(f"{mark}  {one.name:<22} {one.note}")
        click.echo(f"\n{_verdict(found)}")
    return FINE if _tier(found) and all(one.there for one in found if one.needed) else GRADER_FAILED


def _probe(*, as_json: bool) -> int:
    from grader.commands.wall_trials import prove  # imports torch, which the quick look does without
    from grader.sandbox.zygote import Zygote
    from grader.spec import Limits

    unproven = 0
    trials: dict[str, dict[str, str]] = {}
    for name, tier in TIERS.items():
        lacking = tier.missing(ANYWHERE)
        click.echo(f"{name}: {lacking or 'attacking it'}", err=as_json)
        if lacking:
            continue

        def open_tier(limits: Limits, tier: Tier = tier) -> Zygote:
            return Zygote(tier.NAME, functools.partial(tier.launch, where=ANYWHERE), limits, ())

        for trial in prove(name, open_tier):
            trials.setdefault(name, {})[trial.name] = trial.found
            mark, colour = MARKS.get(trial.found.split(":")[0], ("BROKEN ", "red"))
            unproven += colour == "red"
            note = "" if trial.found == "held" else f": {trial.found}"
            click.echo(f"  {click.style(mark, fg=colour)} {trial.name}{note}", err=as_json)
    if as_json:
        click.echo(json.dumps(trials, indent=2))
    if not trials:
        click.echo(NO_TIER, err=True)
    return FINE if trials and not unproven else GRADER_FAILED


def clean() -> int:
    """Remove containers whose judge has died, and say which."""
    from grader.sandbox import container_engine as engines

    for client in filter(engines.client, engines.ENGINES):
        removed = engines.clean(client)
        click.echo(f"{client}: {', '.join(removed)} removed" if removed else f"{client}: nothing was left behind")
    return FINE


def findings() -> list[Finding]:
    """Everything that grading on this machine depends on."""
    return [*_tiers(), *_gvisor(), *_layers(), *_packages()]


def _tiers() -> list[Finding]:
    found = {tier.NAME: tier.missing(ANYWHERE) for tier in TIERS.values()}
    return [Finding(f"tier {name}", not lacking, lacking or TIERS[name].ABOUT) for name, lacking in found.items()]


def _gvisor() -> list[Finding]:
    """Where Docker has gVisor's runtime: whether guests run in it."""
    if engines.missing("docker"):
        return []
    runtime, why_not = engines.runtime("docker")
    if not runtime and not why_not:
        return []
    return [Finding("gVisor", bool(runtime), why_not or "containers run in a kernel of their own")]


def _layers() -> list[Finding]:
    abi = linux.landlock_version()
    try:
        size = len(seccomp.program()) // 8
        note = f"{size} instructions, {len(seccomp.DENIED)} system calls refused"
        filtered = Finding("seccomp filter", there=True, note=note)
    except OSError as error:
        filtered = Finding("seccomp filter", there=False, note=str(error))
    return [
        Finding("Landlock", abi > 0, f"ABI {abi}" if abi else "needs Linux 5.13 with landlock among the kernel's lsm="),
        filtered,
        _memory(),
    ]


def _memory() -> Finding:
    group = make_cgroup(256 << 20, 16)
    if group is None:
        note = "this user cannot make a control group: each process is limited by RLIMIT_AS instead; "
        note += "to get one, run under systemd-run --user --scope -p Delegate=yes"
        return Finding("memory control group", there=False, note=note)
    group.close()
    return Finding("memory control group", there=True, note=f"version {group.version}")


def _packages() -> list[Finding]:
    found = [Finding("Python", sys.version_info >= (3, 11), platform.python_version(), needed=True)]
    for name in PACKAGES:
        try:
            found.append(Finding(name, there=True, note=importlib.metadata.version(name), needed=True))
        except importlib.metadata.PackageNotFoundError:
            found.append(Finding(name, there=False, note=f"pip install {name}", needed=True))
    return found


def _tier(found: list[Finding]) -> str:
    return next((one.name.removeprefix("tier ") for one in found if one.name.startswith("tier ") and one.there), "")


def _verdict(found: list[Finding]) -> str:
    tier = _tier(found)
    if not tier:
        return NO_TIER
    who = "root (the sandbox runs as nobody)" if os.geteuid() == 0 else "an ordinary user"
    return f"Submissions are graded in tier {tier}, started by {who}."
