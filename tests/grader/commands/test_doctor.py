from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.commands import doctor
from grader.commands import wall_trials as proofs
from grader.commands.cli import main
from grader.commands.wall_trials import Trial
from grader.guest import linux
from grader.sandbox import bubblewrap, container, in_container, namespaces

ROOT = Path(__file__).parents[3]


@pytest.fixture
def machine(monkeypatch):
    """A machine on which the tiers lack what is given: "" where a tier is to be had."""

    def make(bubblewrap_lacks: str = "", namespaces_lack: str = "", containers_lack: str = "no engine") -> None:
        monkeypatch.setattr(bubblewrap, "missing", lambda *_: bubblewrap_lacks)
        monkeypatch.setattr(namespaces, "missing", lambda *_: namespaces_lack)
        monkeypatch.setattr(container, "missing", lambda *_: containers_lack)
        monkeypatch.setattr(in_container, "missing", lambda *_: containers_lack)

    return make


def test_a_machine_with_everything(machine, capsys):
    machine()
    assert doctor.run(as_json=False, probe=False) == 0
    said = capsys.readouterr().out
    assert "Submissions are graded in tier bubblewrap" in said
    for name in ("Landlock", "seccomp filter", "memory control group", "Python", *doctor.PACKAGES):
        assert f"  {name} " in said


def test_without_bubblewrap_the_next_tier_does(machine, capsys):
    machine("bubblewrap is not installed: apt-get install bubblewrap")
    assert doctor.run(as_json=False, probe=False) == 0
    said = capsys.readouterr().out
    assert "missing  tier bubblewrap        bubblewrap is not installed: apt-get install bubblewrap" in said
    assert "graded in tier namespaces" in said


def test_an_engine_does_where_the_kernel_gives_no_namespaces(machine, capsys):
    machine("no bwrap", "no namespaces", "")
    assert doctor.run(as_json=False, probe=False) == 0
    assert "graded in tier container" in capsys.readouterr().out


def test_without_any_tier_nothing_is_graded(machine, capsys):
    machine("no bwrap", "this kernel gives no namespaces to this user")
    assert doctor.run(as_json=False, probe=False) == 3
    said = capsys.readouterr().out
    assert "Nothing can be graded here" in said


def test_a_missing_package_is_named_with_its_remedy(machine, monkeypatch):
    machine()
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    assert doctor.run(as_json=True, probe=False) == 3
    assert doctor.Finding("no-such-package", False, "pip install no-such-package", True) in doctor.findings()


def test_a_kernel_without_landlock_and_seccomp_is_no_reason_to_stop(machine, monkeypatch, capsys):
    def refuse():
        raise OSError("the seccomp filter is written for x86_64")

    machine()
    monkeypatch.setattr(linux, "landlock_version", lambda: 0)
    monkeypatch.setattr(doctor.seccomp, "program", refuse)
    monkeypatch.setattr(doctor, "make_cgroup", lambda memory, processes: None)
    assert doctor.run(as_json=True, probe=False) == 0
    missing = {one["name"]: one["note"] for one in json.loads(capsys.readouterr().out) if not one["there"]}
    tiers = {"tier container", "tier in-container"}
    assert set(missing) == {"Landlock", "seccomp filter", "memory control group", *tiers}
    assert "Linux 5.13" in missing["Landlock"]
    assert "systemd-run" in missing["memory control group"]


@pytest.mark.parametrize(
    ("found", "code", "mark"),
    [
        ("held", 0, "held    opens no network socket"),
        ("not available: no control group", 0, "absent  opens no network socket: not available: no control group"),
        ("can open a socket", 3, "BROKEN  opens no network socket: can open a socket"),
        ("held the worker for 9.0 s", 3, "BROKEN  opens no network socket: held the worker for 9.0 s"),
        ("not tried: no such file", 3, "UNTRIED opens no network socket: not tried: no such file"),
    ],
)
def test_a_wall_that_gives_way_ends_with_exit_code_3(machine, monkeypatch, capsys, found, code, mark):
    machine(namespaces_lack="not here")
    monkeypatch.setattr(proofs, "prove", lambda tier, open_tier: [Trial("opens no network socket", found)])
    assert doctor.run(as_json=False, probe=True) == code
    said = capsys.readouterr().out
    assert mark in said
    assert "namespaces: not here" in said
    assert doctor.run(as_json=True, probe=True) == code
    assert json.loads(capsys.readouterr().out) == {"bubblewrap": {"opens no network socket": found}}


def test_there_is_nothing_to_probe_without_a_tier(machine, capsys):
    machine("no bwrap", "no namespaces")
    assert doctor.run(as_json=False, probe=True) == 3
    assert "Nothing can be graded here" in capsys.readouterr().err


def test_json_is_what_the_findings_are():
    result = CliRunner().invoke(main, ["doctor", "--json"])
    assert result.exit_code in (0, 3)
    for one in json.loads(result.output):
        assert set(one) == {"name", "there", "note", "needed"}


def test_the_doctor_is_quick():
    code = (
        "import sys\nfrom grader.commands import doctor\ndoctor.findings()\n"
        "print([name for name in ('torch', 'pytest', 'numpy') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
