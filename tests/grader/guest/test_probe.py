"""A fork's attack on its own walls: held, broken, or not tried, and never one for another."""

from __future__ import annotations

import errno

import pytest

from grader.errors import InfraError
from grader.guest import codec, probe
from grader.sandbox.opening import open_sandbox
from grader.sandbox.where import WhereToGrade


def raising(error):
    def tried(_):
        raise error

    return tried


@pytest.mark.parametrize(
    ("tried", "found"),
    [
        (lambda _: None, "held"),
        (lambda _: "can open a socket", "can open a socket"),
        (raising(PermissionError(errno.EPERM, "no")), "held"),
        (raising(OSError(errno.EROFS, "read-only")), "held"),
        (raising(FileNotFoundError(errno.ENOENT, "no such file", "/a")), "not tried: [Errno 2] no such file: '/a'"),
        (raising(OSError(errno.EMFILE, "too many")), "not tried: [Errno 24] too many"),
        (raising(probe.NotTriedError("there is no neighbour")), "not tried: there is no neighbour"),
    ],
)
def test_what_could_not_be_tried_is_neither_held_nor_broken(monkeypatch, tried, found):
    monkeypatch.setattr(probe, "PROBES", {"a wall": tried})
    assert probe.attack(codec.Probe()) == {"a wall": found}


def test_nothing_to_try_is_said(monkeypatch):
    monkeypatch.setattr(probe, "_is_first", lambda: False)
    alone = codec.Probe()
    for one in (probe._host_files, probe._neighbours_files, probe._processes):
        with pytest.raises(probe.NotTriedError):
            one(alone)


def test_a_file_that_can_be_read_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "_is_first", lambda: False)
    (tmp_path / "secret").write_text("x")
    assert probe._host_files(codec.Probe([str(tmp_path / "secret")])) == f"can read {tmp_path / 'secret'}"
    assert probe._host_files(codec.Probe([str(tmp_path / "gone")])) is None  # whoever names it knows that it is there
    near = codec.Probe(neighbour={"file": str(tmp_path / "secret"), "process": "1"})
    assert "can read" in probe._neighbours_files(near)


def test_every_wall_holds_and_all_are_tried_also_beside_another(each_tier):
    held = dict.fromkeys(probe.PROBES, "held")
    assert each_tier.probe() == held
    beside = each_tier._order()
    beside.greet()
    try:
        assert each_tier.probe() == held
    finally:
        beside.kill()


@pytest.fixture
def proving(zygote, monkeypatch):
    """Has a sandbox find this when it attacks its walls."""

    def prove(found: str) -> None:
        monkeypatch.setattr(zygote, "probe", lambda: {"opens no network socket": found, "runs no program": "held"})
        monkeypatch.setattr(zygote, "_untried", ())
        zygote._prove()

    return prove


def test_a_run_refuses_a_broken_wall(proving):
    with pytest.raises(InfraError, match="does not hold on this machine: opens no network socket: can open a socket"):
        proving("can open a socket")


def test_a_run_says_which_wall_is_not_proven(proving, zygote):
    proving("not tried: there is no network")
    zygote.take().kill()
    said = "opens no network socket: not tried: there is no network"
    assert f"NOT PROVEN: {said}" in zygote.protections
    assert said in zygote.missing


def test_a_sandbox_proves_all_of_it_at_its_start(toy, zygote):
    with open_sandbox(toy.assignment, WhereToGrade(zygote.tier)) as opened:
        opened.take().kill()
        assert opened._untried == ()
