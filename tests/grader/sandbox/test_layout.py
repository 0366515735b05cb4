"""What the sandbox's root holds, and what it must not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import grader
from grader.sandbox import layout
from grader.sandbox.layout import Mount, mounts, parents


def targets() -> dict[str, Mount]:
    return {mount.target: mount for mount in mounts()}


def test_holds_python_torch_numpy_and_the_guest():
    there = targets()
    assert {"/packages/torch", "/packages/numpy", "/packages/msgspec", "/engine/grader/guest"} <= there.keys()
    assert "/engine/grader/__init__.py" in there
    assert {"/tmp", "/dev/shm", "/dev/null", "/dev/urandom"} <= there.keys()


def test_holds_nothing_of_the_judge():
    package = Path(grader.__file__).parent
    shown = [Path(mount.source) for mount in mounts() if mount.kind == "read"]
    course = package.parent
    for secret in (
        "grader/judging/session.py",
        "grader/judging/bridge",
        "reference",
        "tests/hidden",
        "assignments",
        ".git",
    ):
        assert not [path for path in shown if (course / secret).is_relative_to(path)], secret
    assert [path for path in shown if path.is_relative_to(package)] == [package / "__init__.py", package / "guest"]


def test_holds_no_other_package():
    packages = {Path(mount.target).name for mount in mounts() if mount.target.startswith("/packages/")}
    for name in (
        "scipy",
        "sympy",
        "pandas",
        "sklearn",
        "pytest",
        "_pytest",
        "pydantic",
        "jinja2",
        "torchvision",
        "rich",
        "triton",
    ):
        assert name not in packages
        assert importlib.util.find_spec("torch") is not None
    assert not [name for name in packages if name.endswith((".pth", ".dist-info"))]


def test_no_programs():
    for mount in mounts():
        assert not mount.target.startswith(("/bin", "/usr/bin", "/sbin", "/home", "/root/.ssh", "/etc/passwd"))


def test_everything_shown_is_read_only_and_exists():
    for mount in mounts():
        assert mount.kind in ("read", "device", "link", "empty", "mask")
        if mount.kind in ("read", "device"):
            assert Path(mount.source).exists()


def test_parents_are_the_roots_own_folders_outermost_first():
    assert parents(Mount("read", "/x", "/engine/grader/guest")) == ["/engine", "/engine/grader"]
    assert parents(Mount("empty", "", "/tmp")) == []
    below = next(mount.target for mount in mounts() if mount.kind == "read" and Path(mount.source).is_dir())
    assert f"{below}" not in parents(Mount("mask", "", f"{below}/deep/er"))


def test_closure_follows_requirements_but_not_the_unwanted(monkeypatch):
    required = {"a": ["b>=1", "sympy", "c; extra == 'x'", "d.e [z] ; python_version < '4'"], "b": ["A"], "d-e": []}

    def requires(name: str) -> list[str]:
        if name not in required:
            raise layout.importlib.metadata.PackageNotFoundError(name)
        return required[name]

    monkeypatch.setattr(layout.importlib.metadata, "requires", requires)
    assert sorted(layout._closure(("a",))) == ["a", "b", "d-e"]


def test_environment_names_nothing_of_the_caller(monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    assert set(layout.ENVIRONMENT) == {"HOME", "LANG", "OMP_NUM_THREADS", "MKL_NUM_THREADS"}


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
def test_a_system_python_is_shown_with_the_system(monkeypatch, prefix):
    monkeypatch.setattr(layout.sys, "base_prefix", prefix)
    assert not [mount for mount in layout._python() if mount.kind == "read" and mount.target == prefix]
